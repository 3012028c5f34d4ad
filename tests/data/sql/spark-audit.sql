with clv_rows as (
  -- What a row says: whose it is, of which calendar day, and for how much.
  select
    trim(both ' \u0009\u000a\u000c\u000d\u000b\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff' from cast(`customer_id` as string)) as customer,
    case
      when typeof(`order_date`) = 'timestamp'
        then date_from_unix_date(cast(floor(unix_micros(from_utc_timestamp(`order_date`, 'Europe/Berlin')) / 86400000000) as int))
      when typeof(`order_date`) <> 'string'
        then cast(`order_date` as date)
      when cast(`order_date` as string) rlike '[0-9]:[0-9][0-9].*([zZ]|[+-][0-9][0-9](:?[0-9][0-9])?)$'
        then date_from_unix_date(cast(floor(unix_micros(from_utc_timestamp(cast(cast(`order_date` as string) as timestamp), 'Europe/Berlin')) / 86400000000) as int))
      when trim(cast(`order_date` as string)) <> ''
        then coalesce(try_cast(substr(cast(`order_date` as string), 1, 10) as date), raise_error(concat('this is no date: ', cast(`order_date` as string))))
    end as order_day,
    case when `amount` is not null and try_cast(`amount` as double) is null then raise_error(concat('this is no number: ', cast(`amount` as string))) else cast(`amount` as double) end as amount,
    case when `refunded_amount` is not null and try_cast(`refunded_amount` as double) is null then raise_error(concat('this is no number: ', cast(`refunded_amount` as string))) else cast(`refunded_amount` as double) end as refund,
    case
      when typeof(`refunded_at`) = 'timestamp'
        then date_from_unix_date(cast(floor(unix_micros(from_utc_timestamp(`refunded_at`, 'Europe/Berlin')) / 86400000000) as int))
      when typeof(`refunded_at`) <> 'string'
        then cast(`refunded_at` as date)
      when cast(`refunded_at` as string) rlike '[0-9]:[0-9][0-9].*([zZ]|[+-][0-9][0-9](:?[0-9][0-9])?)$'
        then date_from_unix_date(cast(floor(unix_micros(from_utc_timestamp(cast(cast(`refunded_at` as string) as timestamp), 'Europe/Berlin')) / 86400000000) as int))
      when trim(cast(`refunded_at` as string)) <> ''
        then coalesce(try_cast(substr(cast(`refunded_at` as string), 1, 10) as date), raise_error(concat('this is no date: ', cast(`refunded_at` as string))))
    end as refund_day,
    nullif(trim(both ' \u0009\u000a\u000c\u000d' from cast(`country` as string)), '') as kept_1
  from `shop`.`Orders`
  where coalesce(lower(trim(both ' ' from cast(`status` as string))), '') not in ('refunded', 'cancelled')
    and case when `total` is not null and try_cast(`total` as double) is null then raise_error(concat('this is no number: ', cast(`total` as string))) else cast(`total` as double) end > 0.0 and case when `total` is not null and try_cast(`total` as double) is null then raise_error(concat('this is no number: ', cast(`total` as string))) else cast(`total` as double) end <= 1.7976931348623157e308
    and case
    when typeof(`shipped`) = 'timestamp'
      then date_from_unix_date(cast(floor(unix_micros(from_utc_timestamp(`shipped`, 'UTC')) / 86400000000) as int))
    when typeof(`shipped`) <> 'string'
      then cast(`shipped` as date)
    when trim(cast(`shipped` as string)) <> ''
      then coalesce(try_cast(substr(cast(`shipped` as string), 1, 10) as date), raise_error(concat('this is no date: ', cast(`shipped` as string))))
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
from `shop`.`Orders`
where not coalesce(coalesce(lower(trim(both ' ' from cast(`status` as string))), '') not in ('refunded', 'cancelled')
  and case when `total` is not null and try_cast(`total` as double) is null then raise_error(concat('this is no number: ', cast(`total` as string))) else cast(`total` as double) end > 0.0 and case when `total` is not null and try_cast(`total` as double) is null then raise_error(concat('this is no number: ', cast(`total` as string))) else cast(`total` as double) end <= 1.7976931348623157e308
  and case
  when typeof(`shipped`) = 'timestamp'
    then date_from_unix_date(cast(floor(unix_micros(from_utc_timestamp(`shipped`, 'UTC')) / 86400000000) as int))
  when typeof(`shipped`) <> 'string'
    then cast(`shipped` as date)
  when trim(cast(`shipped` as string)) <> ''
    then coalesce(try_cast(substr(cast(`shipped` as string), 1, 10) as date), raise_error(concat('this is no date: ', cast(`shipped` as string))))
end < date '2025-01-01', false)
