with clv_rows as (
  -- What a row says: whose it is, of which calendar day, and for how much.
  select
    trim(cast("CUSTOMER_ID" as varchar), ' \u0009\u000a\u000c\u000d\u000b\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff') as customer,
    case
      when typeof(to_variant("ORDER_DATE")) in ('TIMESTAMP_TZ', 'TIMESTAMP_LTZ')
        then to_date(convert_timezone('Europe/Berlin', cast("ORDER_DATE" as timestamp_tz)))
      when typeof(to_variant("ORDER_DATE")) <> 'VARCHAR'
        then to_date("ORDER_DATE")
      when regexp_instr(cast("ORDER_DATE" as varchar), '[0-9]:[0-9][0-9].*([zZ]|[+-][0-9][0-9](:?[0-9][0-9])?)$') > 0
        then to_date(convert_timezone('Europe/Berlin', to_timestamp_tz(cast("ORDER_DATE" as varchar))))
      when trim(cast("ORDER_DATE" as varchar)) <> ''
        then to_date(substr(cast("ORDER_DATE" as varchar), 1, 10), 'YYYY-MM-DD')
    end as order_day,
    cast("AMOUNT" as double) as amount,
    cast("REFUNDED_AMOUNT" as double) as refund,
    case
      when typeof(to_variant("REFUNDED_AT")) in ('TIMESTAMP_TZ', 'TIMESTAMP_LTZ')
        then to_date(convert_timezone('Europe/Berlin', cast("REFUNDED_AT" as timestamp_tz)))
      when typeof(to_variant("REFUNDED_AT")) <> 'VARCHAR'
        then to_date("REFUNDED_AT")
      when regexp_instr(cast("REFUNDED_AT" as varchar), '[0-9]:[0-9][0-9].*([zZ]|[+-][0-9][0-9](:?[0-9][0-9])?)$') > 0
        then to_date(convert_timezone('Europe/Berlin', to_timestamp_tz(cast("REFUNDED_AT" as varchar))))
      when trim(cast("REFUNDED_AT" as varchar)) <> ''
        then to_date(substr(cast("REFUNDED_AT" as varchar), 1, 10), 'YYYY-MM-DD')
    end as refund_day,
    nullif(trim(cast("COUNTRY" as varchar), ' \u0009\u000a\u000c\u000d'), '') as kept_1
  from "SHOP"."Orders"
  where coalesce(lower(trim(cast("STATUS" as varchar), ' ')), '') not in ('refunded', 'cancelled')
    and cast("TOTAL" as double) > 0.0 and cast("TOTAL" as double) <= 1.7976931348623157e308
    and case
    when typeof(to_variant("SHIPPED")) in ('TIMESTAMP_TZ', 'TIMESTAMP_LTZ')
      then to_date(convert_timezone('UTC', cast("SHIPPED" as timestamp_tz)))
    when typeof(to_variant("SHIPPED")) <> 'VARCHAR'
      then to_date("SHIPPED")
    when trim(cast("SHIPPED" as varchar)) <> ''
      then to_date(substr(cast("SHIPPED" as varchar), 1, 10), 'YYYY-MM-DD')
  end < date '2025-01-01'
),
clv_judged as (
  -- The first reason why a row is no order.
  select
    case
      when not coalesce(lower(customer) not in ('-', '--', 'n/a', 'na', 'nan', 'none', 'null', 'nil', 'nat', '\\n', '(null)', '[null]', '<null>', '<na>', '#n/a', '#na', '#n/a n/a', '#ref!', '#value!', '#name?', '#null!', '#num!', '#div/0!', '-nan', '1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan', 'undefined', '(blank)', '(empty)', '(none)', '', 'guest'), false) then 'no_customer'
      when order_day is null then 'no_date'
      when amount is null then 'no_amount'
      when not abs(amount) <= 1e13 then 'impossible_amount'
      when order_day > date '2024-12-31' then 'after_end'
      else 'order'
    end as reason
  from clv_rows
)
select
  reason,
  cast(count(*) as bigint) as row_count
from clv_judged
group by reason
union all
select
  'not_selected' as reason,
  cast(count(*) as bigint) as row_count
from "SHOP"."Orders"
where not coalesce(coalesce(lower(trim(cast("STATUS" as varchar), ' ')), '') not in ('refunded', 'cancelled')
  and cast("TOTAL" as double) > 0.0 and cast("TOTAL" as double) <= 1.7976931348623157e308
  and case
  when typeof(to_variant("SHIPPED")) in ('TIMESTAMP_TZ', 'TIMESTAMP_LTZ')
    then to_date(convert_timezone('UTC', cast("SHIPPED" as timestamp_tz)))
  when typeof(to_variant("SHIPPED")) <> 'VARCHAR'
    then to_date("SHIPPED")
  when trim(cast("SHIPPED" as varchar)) <> ''
    then to_date(substr(cast("SHIPPED" as varchar), 1, 10), 'YYYY-MM-DD')
end < date '2025-01-01', false)
