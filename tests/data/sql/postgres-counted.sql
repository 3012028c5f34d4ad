-- Counted rows: how many customers have the same history, and none of their ids: recency and T in weeks, observed until 2024-12-29.
-- Amounts are added as decimals with nine digits after the point.
-- Made by clv 0.1.0 from {"counted":true,"dialect":"postgres","duplicates":"drop","exact":false,"grain":"week","number_ids":true,"returns":"drop","sum_log_interpurchase":false,"table":"orders","until":"2024-12-29"}
with clv_rows as (
  -- What a row says: whose it is, of which calendar day, and for how much.
  select
    "customer_id" as customer_id,
    case
      when cast(pg_typeof("order_date") as text) = 'timestamp with time zone'
        then cast(cast("order_date" as timestamp with time zone) at time zone 'UTC' as date)
      when cast(pg_typeof("order_date") as text) in ('date', 'timestamp without time zone')
        then cast("order_date" as date)
      when cast("order_date" as text) !~ '^ *$'
        then make_date(cast(substr(cast("order_date" as text), 1, 4) as integer), cast(substr(cast("order_date" as text), 6, 2) as integer), cast(substr(cast("order_date" as text), 9, 2) as integer))
    end as order_day,
    cast("amount" as double precision) as amount
  from (select distinct * from "orders") as distinct_rows
),
clv_orders as (
  -- Rows that are orders until the end of the observation. A negative amount is a return.
  select
    customer_id,
    order_day,
    amount
  from clv_rows
  where customer_id is not null
    and order_day <= date '2024-12-29'
    and abs(amount) <= 1e13
    and amount >= 0
),
clv_periods as (
  -- The orders of a customer and week are one purchase.
  select
    customer_id,
    cast(date_trunc('week', cast(order_day as timestamp)) as date) as period_start,
    sum(case when amount >= 0 then 1 else 0 end) as orders,
    sum(cast(amount as numeric(38, 9))) as amount
  from clv_orders
  group by customer_id, cast(date_trunc('week', cast(order_day as timestamp)) as date)
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
    cast(coalesce(sum(case when purchase >= 2 then amount end), 0) as double precision) as repeat_spend,
    cast(coalesce(sum(case when purchase >= 1 then amount end), 0) as double precision) as total
  from clv_purchases
  group by customer_id
  having max(purchase) >= 1
),
clv_summary as (
  -- One row per customer.
  select
    clv_customers.customer_id as customer_id,
    cast(frequency as integer) as frequency,
    cast((last_purchase - first_purchase) as double precision) / cast(7 as double precision) as recency,
    cast((date '2024-12-23' - first_purchase) as double precision) / cast(7 as double precision) as "T",
    cast(case when frequency > 0 then repeat_spend / frequency else 0 end as double precision) as monetary_value,
    'week' as unit,
    'week' as grain,
    date '2024-12-29' as observed_until
  from clv_customers
)
select
  frequency,
  recency,
  "T",
  monetary_value,
  unit,
  grain,
  observed_until,
  cast(count(*) as integer) as customers
from clv_summary
group by frequency, recency, "T", monetary_value, unit, grain, observed_until
