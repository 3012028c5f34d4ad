-- One row per customer: recency and T in months, observed until 2024-12-31.
-- Amounts are added exactly, and rounded once: to the last bit as clv summarize does.
-- Made by clv 0.1.0 from {"counted":false,"dialect":"spark","exact":true,"from":"2022-01-01","grain":"month","keep":["country"],"number_ids":false,"refund":"refunded_amount","refund_date":"refunded_at","sum_log_interpurchase":true,"table":"shop.Orders","timezone":"Europe/Berlin","unit":"month","until":"2024-12-31","where":["status!=refunded,cancelled","total>0","shipped<2025-01-01"]}
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
  select customer_id, order_day, amount from clv_orders
  union all
  select customer_id, case when refund_day > order_day then refund_day else order_day end, -abs(refund) from clv_orders
  where refund <> 0 and abs(refund) <= 1e13 and case when refund_day > order_day then refund_day else order_day end <= date '2024-12-31'
),
clv_whole as (
  -- Floating numbers add up differently in every order, and whole ones do not: an amount is
  select *, cast(amount as bigint) as whole
  from clv_movements
),
clv_middle as (
  -- whole + middle / 2^32 + low / 2^64, to the last bit.
  select *, cast((amount - whole) * 4294967296e0 as bigint) as middle
  from clv_whole
),
clv_low as (
  -- All three are whole numbers.
  select *, cast(((amount - whole) * 4294967296e0 - middle) * 4294967296e0 as bigint) as low
  from clv_middle
),
clv_periods as (
  -- The orders of a customer and month are one purchase.
  select
    customer_id,
    trunc(order_day, 'month') as period_start,
    sum(case when amount >= 0 then 1 else 0 end) as orders,
    sum(cast(whole as bigint)) as whole,
    sum(cast(middle as bigint)) as middle,
    sum(cast(low as bigint)) as low
  from clv_low
  group by customer_id, trunc(order_day, 'month')
),
clv_purchases as (
  -- Purchases by number. A return belongs to the latest purchase; 0 is before any, and of no purchase.
  select
    *,
    sum(case when orders > 0 then 1 else 0 end) over (
      partition by customer_id order by period_start rows between unbounded preceding and current row
    ) as purchase,
    lag(period_start) over (
      partition by customer_id, case when orders > 0 then 1 else 0 end order by period_start
    ) as previous_start
  from clv_periods
),
clv_customers as (
  -- A customer's purchases: repeat purchases are those after the first.
  select
    customer_id,
    max(purchase) - 1 as frequency,
    min(case when orders > 0 then period_start end) as first_purchase,
    max(case when orders > 0 then period_start end) as last_purchase,
    sum(orders) as orders,
    cast(cast(cast(coalesce(sum(case when purchase >= 2 then whole end), 0) as decimal(19, 0)) * cast('18446744073709551616' as decimal(20, 0)) + cast(coalesce(sum(case when purchase >= 2 then middle end), 0) as decimal(19, 0)) * cast('4294967296' as decimal(10, 0)) + coalesce(sum(case when purchase >= 2 then low end), 0) as string) as double) / 18446744073709551616e0 as repeat_spend,
    cast(cast(cast(coalesce(sum(case when purchase >= 1 then whole end), 0) as decimal(19, 0)) * cast('18446744073709551616' as decimal(20, 0)) + cast(coalesce(sum(case when purchase >= 1 then middle end), 0) as decimal(19, 0)) * cast('4294967296' as decimal(10, 0)) + coalesce(sum(case when purchase >= 1 then low end), 0) as string) as double) / 18446744073709551616e0 as total,
    coalesce(sum(case when orders > 0 and previous_start is not null then ln(cast((extract(year from period_start) * 12 + extract(month from period_start)) - (extract(year from previous_start) * 12 + extract(month from previous_start)) as double)) end), 0) as sum_log_interpurchase
  from clv_purchases
  group by customer_id
  having max(purchase) >= 1
),
clv_kept_1 as (
  -- What the first order says that says anything.
  select customer_id, kept_1
  from (
    select customer_id, kept_1, row_number() over (
      partition by customer_id order by order_day, kept_1
    ) as place
    from clv_orders
    where kept_1 is not null
  ) as said
  where place = 1
)
select
  clv_customers.customer_id as customer_id,
  cast(frequency as integer) as frequency,
  cast((extract(year from last_purchase) * 12 + extract(month from last_purchase)) - (extract(year from first_purchase) * 12 + extract(month from first_purchase)) as double) as recency,
  cast((extract(year from date '2024-12-01') * 12 + extract(month from date '2024-12-01')) - (extract(year from first_purchase) * 12 + extract(month from first_purchase)) as double) as `T`,
  cast(case when frequency > 0 then repeat_spend / frequency else 0 end as double) as monetary_value,
  first_purchase,
  last_purchase,
  cast(orders as integer) as orders,
  total,
  sum_log_interpurchase,
  clv_kept_1.kept_1 as `country`,
  'month' as unit,
  'month' as grain,
  date '2024-12-31' as observed_until
from clv_customers
left join clv_kept_1 on clv_kept_1.customer_id = clv_customers.customer_id
where first_purchase >= date '2022-01-01'
