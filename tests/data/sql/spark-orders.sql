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
  where lower(customer) not in ('-', '--', 'n/a', 'na', 'nan', 'none', 'null', 'nil', 'nat', '\\n', '(null)', '[null]', '<null>', '<na>', '#n/a', '#na', '#n/a n/a', '#ref!', '#value!', '#name?', '#null!', '#num!', '#div/0!', '-nan', '1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan', 'undefined', '(blank)', '(empty)', '(none)', '', 'guest')
    and order_day <= date '2024-12-31'
    and abs(amount) <= 1e13
),
clv_movements as (
  -- What was paid back is a return, on the order's day or later.
  select customer_id, order_day, amount, kept_1 from clv_orders
  union all
  select customer_id, case when refund_day > order_day then refund_day else order_day end, -abs(refund), cast(null as string) from clv_orders
  where refund <> 0 and abs(refund) <= 1e13 and case when refund_day > order_day then refund_day else order_day end <= date '2024-12-31'
)
select
  customer_id,
  order_day as clv_order_day,
  amount as clv_order_amount,
  kept_1 as `country`
from clv_movements
