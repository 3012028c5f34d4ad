with clv_rows as (
  -- What a row says: whose it is, of which calendar day, and for how much.
  select
    trim(cast("customer_id" as varchar), ' ' || chr(9) || chr(10) || chr(12) || chr(13) || chr(11) || chr(133) || chr(160) || chr(5760) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8203) || chr(8206) || chr(8207) || chr(8232) || chr(8233) || chr(8239) || chr(8287) || chr(8288) || chr(12288) || chr(65279)) as customer,
    case
      when typeof("order_date") = 'TIMESTAMP WITH TIME ZONE'
        then cast(cast("order_date" as timestamp with time zone) at time zone 'Europe/Berlin' as date)
      when typeof("order_date") <> 'VARCHAR'
        then cast("order_date" as date)
      when regexp_matches(cast("order_date" as varchar), '[0-9]:[0-9][0-9].*([zZ]|[+-][0-9][0-9](:?[0-9][0-9])?)$')
        then cast(cast(cast("order_date" as varchar) as timestamp with time zone) at time zone 'Europe/Berlin' as date)
      when trim(cast("order_date" as varchar)) <> ''
        then make_date(cast(substr(cast("order_date" as varchar), 1, 4) as integer), cast(substr(cast("order_date" as varchar), 6, 2) as integer), cast(substr(cast("order_date" as varchar), 9, 2) as integer))
    end as order_day,
    cast("amount" as double) as amount,
    cast("refunded_amount" as double) as refund,
    case
      when typeof("refunded_at") = 'TIMESTAMP WITH TIME ZONE'
        then cast(cast("refunded_at" as timestamp with time zone) at time zone 'Europe/Berlin' as date)
      when typeof("refunded_at") <> 'VARCHAR'
        then cast("refunded_at" as date)
      when regexp_matches(cast("refunded_at" as varchar), '[0-9]:[0-9][0-9].*([zZ]|[+-][0-9][0-9](:?[0-9][0-9])?)$')
        then cast(cast(cast("refunded_at" as varchar) as timestamp with time zone) at time zone 'Europe/Berlin' as date)
      when trim(cast("refunded_at" as varchar)) <> ''
        then make_date(cast(substr(cast("refunded_at" as varchar), 1, 4) as integer), cast(substr(cast("refunded_at" as varchar), 6, 2) as integer), cast(substr(cast("refunded_at" as varchar), 9, 2) as integer))
    end as refund_day,
    nullif(trim(cast("country" as varchar), ' ' || chr(9) || chr(10) || chr(12) || chr(13)), '') as kept_1
  from "shop"."Orders"
  where coalesce(lower(trim(cast("status" as varchar), ' ')), '') not in ('refunded', 'cancelled')
    and cast("total" as double) > 0.0 and cast("total" as double) <= 1.7976931348623157e308
    and case
    when typeof("shipped") = 'TIMESTAMP WITH TIME ZONE'
      then cast(cast("shipped" as timestamp with time zone) at time zone 'UTC' as date)
    when typeof("shipped") <> 'VARCHAR'
      then cast("shipped" as date)
    when trim(cast("shipped" as varchar)) <> ''
      then make_date(cast(substr(cast("shipped" as varchar), 1, 4) as integer), cast(substr(cast("shipped" as varchar), 6, 2) as integer), cast(substr(cast("shipped" as varchar), 9, 2) as integer))
  end < date '2025-01-01'
),
clv_orders as (
  -- Rows that are orders until the end of the observation. A negative amount is a return.
  select
    case when customer like '%@%' then lower(customer) else customer end as customer_id,
    order_day,
    amount,
    refund,
    refund_day,
    kept_1
  from clv_rows
  where lower(customer) not in ('-', '--', 'n/a', 'na', 'nan', 'none', 'null', 'nil', 'nat', '\n', '(null)', '[null]', '<null>', '<na>', '#n/a', '#na', '#n/a n/a', '#ref!', '#value!', '#name?', '#null!', '#num!', '#div/0!', '-nan', '1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan', 'undefined', '(blank)', '(empty)', '(none)', '', 'guest')
    and order_day <= date '2024-12-31'
    and abs(amount) <= 1e13
),
clv_movements as (
  -- What was paid back is a return, on the order's day or later.
  select customer_id, order_day, amount, kept_1 from clv_orders
  union all
  select customer_id, case when refund_day > order_day then refund_day else order_day end, -abs(refund), cast(null as varchar) from clv_orders
  where refund <> 0 and abs(refund) <= 1e13 and case when refund_day > order_day then refund_day else order_day end <= date '2024-12-31'
)
select
  customer_id,
  order_day as clv_order_day,
  amount as clv_order_amount,
  kept_1 as "country"
from clv_movements
