-- One row per customer: recency and T in months, observed until 2024-12-31.
-- Amounts are added exactly, and rounded once: to the last bit as clv summarize does.
-- Made by clv 0.1.0 from {"counted":false,"dialect":"duckdb","exact":true,"from":"2022-01-01","grain":"month","keep":["country"],"number_ids":false,"refund":"refunded_amount","refund_date":"refunded_at","sum_log_interpurchase":true,"table":"shop.Orders","timezone":"Europe/Berlin","unit":"month","until":"2024-12-31","where":["status!=refunded,cancelled","total>0","shipped<2025-01-01"]}
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
  select customer_id, order_day, amount from clv_orders
  union all
  select customer_id, case when refund_day > order_day then refund_day else order_day end, -abs(refund) from clv_orders
  where refund <> 0 and abs(refund) <= 1e13 and case when refund_day > order_day then refund_day else order_day end <= date '2024-12-31'
),
clv_whole as (
  -- Floating numbers add up differently in every order, and whole ones do not: an amount is
  select *, trunc(amount) as whole
  from clv_movements
),
clv_middle as (
  -- whole + middle / 2^32 + low / 2^64, to the last bit.
  select *, trunc((amount - whole) * 4294967296e0) as middle
  from clv_whole
),
clv_low as (
  -- All three are whole numbers.
  select *, trunc(((amount - whole) * 4294967296e0 - middle) * 4294967296e0) as low
  from clv_middle
),
clv_periods as (
  -- The orders of a customer and month are one purchase.
  select
    customer_id,
    cast(date_trunc('month', order_day) as date) as period_start,
    sum(case when amount >= 0 then 1 else 0 end) as orders,
    sum(cast(whole as bigint)) as whole,
    sum(cast(middle as bigint)) as middle,
    sum(cast(low as bigint)) as low
  from clv_low
  group by customer_id, cast(date_trunc('month', order_day) as date)
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
    cast(cast(cast(coalesce(sum(case when purchase >= 2 then whole end), 0) as hugeint) * 18446744073709551616 + cast(coalesce(sum(case when purchase >= 2 then middle end), 0) as hugeint) * 4294967296 + coalesce(sum(case when purchase >= 2 then low end), 0) as varchar) as double) / 18446744073709551616e0 as repeat_spend,
    cast(cast(cast(coalesce(sum(case when purchase >= 1 then whole end), 0) as hugeint) * 18446744073709551616 + cast(coalesce(sum(case when purchase >= 1 then middle end), 0) as hugeint) * 4294967296 + coalesce(sum(case when purchase >= 1 then low end), 0) as varchar) as double) / 18446744073709551616e0 as total,
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
  cast((extract(year from date '2024-12-01') * 12 + extract(month from date '2024-12-01')) - (extract(year from first_purchase) * 12 + extract(month from first_purchase)) as double) as "T",
  cast(case when frequency > 0 then repeat_spend / frequency else 0 end as double) as monetary_value,
  first_purchase,
  last_purchase,
  cast(orders as integer) as orders,
  total,
  sum_log_interpurchase,
  clv_kept_1.kept_1 as "country",
  'month' as unit,
  'month' as grain,
  date '2024-12-31' as observed_until
from clv_customers
left join clv_kept_1 on clv_kept_1.customer_id = clv_customers.customer_id
where first_purchase >= date '2022-01-01'
