-- One row per customer: recency and T in weeks, observed until 1997-09-30.
-- Amounts are added as decimals with nine digits after the point.
-- Made by clv 0.1.0 from {"counted":false,"dialect":"spark","exact":false,"number_ids":false,"sum_log_interpurchase":false,"table":"shop.orders","until":"1997-09-30"}
with clv_rows as (
  -- What a row says: whose it is, of which calendar day, and for how much.
  select
    trim(both ' \u0009\u000a\u000c\u000d\u000b\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff' from cast(`customer_id` as string)) as customer,
    case
      when typeof(`order_date`) = 'timestamp'
        then date_from_unix_date(cast(floor(unix_micros(from_utc_timestamp(`order_date`, 'UTC')) / 86400000000) as int))
      when typeof(`order_date`) <> 'string'
        then cast(`order_date` as date)
      when trim(cast(`order_date` as string)) <> ''
        then coalesce(try_cast(substr(cast(`order_date` as string), 1, 10) as date), raise_error(concat('this is no date: ', cast(`order_date` as string))))
    end as order_day,
    case when `amount` is not null and try_cast(`amount` as double) is null then raise_error(concat('this is no number: ', cast(`amount` as string))) else cast(`amount` as double) end as amount
  from `shop`.`orders`
),
clv_orders as (
  -- Rows that are orders until the end of the observation. A negative amount is a return.
  select
    case when customer like '%@%' then lower(customer) else customer end as customer_id,
    order_day,
    amount
  from clv_rows
  where lower(customer) not in ('-', '--', 'n/a', 'na', 'nan', 'none', 'null', 'nil', 'nat', '\\n', '(null)', '[null]', '<null>', '<na>', '#n/a', '#na', '#n/a n/a', '#ref!', '#value!', '#name?', '#null!', '#num!', '#div/0!', '-nan', '1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan', 'undefined', '(blank)', '(empty)', '(none)', '', 'guest')
    and order_day <= date '1997-09-30'
    and abs(amount) <= 1e13
),
clv_periods as (
  -- The orders of a customer and day are one purchase.
  select
    customer_id,
    order_day as period_start,
    sum(case when amount >= 0 then 1 else 0 end) as orders,
    sum(cast(amount as decimal(38, 9))) as amount
  from clv_orders
  group by customer_id, order_day
),
clv_purchases as (
  -- Purchases by number. A return belongs to the latest purchase; 0 is before any, and of no purchase.
  select
    *,
    sum(case when orders > 0 then 1 else 0 end) over (
      partition by customer_id order by period_start rows between unbounded preceding and current row
    ) as purchase
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
    cast(coalesce(sum(case when purchase >= 2 then amount end), 0) as double) as repeat_spend,
    cast(coalesce(sum(case when purchase >= 1 then amount end), 0) as double) as total
  from clv_purchases
  group by customer_id
  having max(purchase) >= 1
)
select
  clv_customers.customer_id as customer_id,
  cast(frequency as integer) as frequency,
  cast(datediff(last_purchase, first_purchase) as double) / cast(7 as double) as recency,
  cast(datediff(date '1997-09-30', first_purchase) as double) / cast(7 as double) as `T`,
  cast(case when frequency > 0 then repeat_spend / frequency else 0 end as double) as monetary_value,
  first_purchase,
  last_purchase,
  cast(orders as integer) as orders,
  total,
  'week' as unit,
  'day' as grain,
  date '1997-09-30' as observed_until
from clv_customers
