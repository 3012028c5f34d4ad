-- One row per customer: recency and T in weeks, observed until 1997-09-30.
-- Amounts are added as decimals with nine digits after the point.
-- Made by clv 0.1.0 from {"counted":false,"dialect":"duckdb","exact":false,"number_ids":false,"sum_log_interpurchase":false,"table":"shop.orders","until":"1997-09-30"}
with clv_rows as (
  -- What a row says: whose it is, of which calendar day, and for how much.
  select
    trim(cast("customer_id" as varchar), ' ' || chr(9) || chr(10) || chr(12) || chr(13) || chr(11) || chr(133) || chr(160) || chr(5760) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8203) || chr(8206) || chr(8207) || chr(8232) || chr(8233) || chr(8239) || chr(8287) || chr(8288) || chr(12288) || chr(65279)) as customer,
    case
      when typeof("order_date") = 'TIMESTAMP WITH TIME ZONE'
        then cast(cast("order_date" as timestamp with time zone) at time zone 'UTC' as date)
      when typeof("order_date") <> 'VARCHAR'
        then cast("order_date" as date)
      when trim(cast("order_date" as varchar)) <> ''
        then make_date(cast(substr(cast("order_date" as varchar), 1, 4) as integer), cast(substr(cast("order_date" as varchar), 6, 2) as integer), cast(substr(cast("order_date" as varchar), 9, 2) as integer))
    end as order_day,
    cast("amount" as double) as amount
  from "shop"."orders"
),
clv_orders as (
  -- Rows that are orders until the end of the observation. A negative amount is a return.
  select
    case when customer like '%@%' then lower(customer) else customer end as customer_id,
    order_day,
    amount
  from clv_rows
  where lower(customer) not in ('-', '--', 'n/a', 'na', 'nan', 'none', 'null', 'nil', 'nat', '\n', '(null)', '[null]', '<null>', '<na>', '#n/a', '#na', '#n/a n/a', '#ref!', '#value!', '#name?', '#null!', '#num!', '#div/0!', '-nan', '1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan', 'undefined', '(blank)', '(empty)', '(none)', '', 'guest')
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
  cast((last_purchase - first_purchase) as double) / cast(7 as double) as recency,
  cast((date '1997-09-30' - first_purchase) as double) / cast(7 as double) as "T",
  cast(case when frequency > 0 then repeat_spend / frequency else 0 end as double) as monetary_value,
  first_purchase,
  last_purchase,
  cast(orders as integer) as orders,
  total,
  'week' as unit,
  'day' as grain,
  date '1997-09-30' as observed_until
from clv_customers
