-- One row per customer: recency and T in weeks, observed until 2024-12-31.
-- Made by clv 0.1.0 from {"counted":false,"dialect":"bigquery","exact":false,"exact_ids":true,"number_ids":false,"sum_log_interpurchase":false,"table":"orders","until":"2024-12-31","without_amount":true}
with clv_rows as (
  -- What a row says: whose it is, of which calendar day, and for how much.
  select
    trim(cast(`customer_id` as string), ' \u0009\u000a\u000c\u000d') as customer_id,
    cast(`order_date` as date) as order_day,
    0 as amount
  from `orders`
),
clv_orders as (
  -- Rows that are orders until the end of the observation. A negative amount is a return.
  select
    customer_id,
    order_day,
    case when abs(amount) <= 1e13 then amount else 0 end as amount
  from clv_rows
  where lower(customer_id) not in ('-', '--', 'n/a', 'na', 'nan', 'none', 'null', 'nil', 'nat', '\\n', '(null)', '[null]', '<null>', '<na>', '#n/a', '#na', '#n/a n/a', '#ref!', '#value!', '#name?', '#null!', '#num!', '#div/0!', '-nan', '1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan', 'undefined', '(blank)', '(empty)', '(none)', '', 'guest')
    and order_day <= date '2024-12-31'
),
clv_periods as (
  -- The orders of a customer and day are one purchase.
  select
    customer_id,
    order_day as period_start,
    sum(case when amount >= 0 then 1 else 0 end) as orders
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
    sum(orders) as orders
  from clv_purchases
  group by customer_id
  having max(purchase) >= 1
)
select
  clv_customers.customer_id as customer_id,
  cast(frequency as int64) as frequency,
  cast(date_diff(last_purchase, first_purchase, day) as float64) / cast(7 as float64) as recency,
  cast(date_diff(date '2024-12-31', first_purchase, day) as float64) / cast(7 as float64) as `T`,
  first_purchase,
  last_purchase,
  cast(orders as int64) as orders,
  'week' as unit,
  'day' as grain,
  date '2024-12-31' as observed_until
from clv_customers
