with clv_rows as (
  -- What a row says: whose it is, of which calendar day, and for how much.
  select
    btrim(cast("customer_id" as text), E' \u0009\u000a\u000c\u000d\u000b\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff') as customer,
    case
      when cast(pg_typeof("order_date") as text) = 'timestamp with time zone'
        then cast(cast("order_date" as timestamp with time zone) at time zone 'Europe/Berlin' as date)
      when cast(pg_typeof("order_date") as text) in ('date', 'timestamp without time zone')
        then cast("order_date" as date)
      when cast("order_date" as text) ~ '[0-9]:[0-9][0-9].*([zZ]|[+-][0-9][0-9](:?[0-9][0-9])?)$'
        then cast(cast(cast("order_date" as text) as timestamp with time zone) at time zone 'Europe/Berlin' as date)
      when cast("order_date" as text) !~ '^ *$'
        then make_date(cast(substr(cast("order_date" as text), 1, 4) as integer), cast(substr(cast("order_date" as text), 6, 2) as integer), cast(substr(cast("order_date" as text), 9, 2) as integer))
    end as order_day,
    cast("amount" as double precision) as amount,
    cast("refunded_amount" as double precision) as refund,
    case
      when cast(pg_typeof("refunded_at") as text) = 'timestamp with time zone'
        then cast(cast("refunded_at" as timestamp with time zone) at time zone 'Europe/Berlin' as date)
      when cast(pg_typeof("refunded_at") as text) in ('date', 'timestamp without time zone')
        then cast("refunded_at" as date)
      when cast("refunded_at" as text) ~ '[0-9]:[0-9][0-9].*([zZ]|[+-][0-9][0-9](:?[0-9][0-9])?)$'
        then cast(cast(cast("refunded_at" as text) as timestamp with time zone) at time zone 'Europe/Berlin' as date)
      when cast("refunded_at" as text) !~ '^ *$'
        then make_date(cast(substr(cast("refunded_at" as text), 1, 4) as integer), cast(substr(cast("refunded_at" as text), 6, 2) as integer), cast(substr(cast("refunded_at" as text), 9, 2) as integer))
    end as refund_day,
    nullif(btrim(cast("country" as text), E' \u0009\u000a\u000c\u000d'), '') as kept_1
  from "shop"."Orders"
  where coalesce(lower(btrim(cast("status" as text), ' ')), '') not in ('refunded', 'cancelled')
    and cast("total" as double precision) > 0.0 and cast("total" as double precision) <= 1.7976931348623157e308
    and case
    when cast(pg_typeof("shipped") as text) = 'timestamp with time zone'
      then cast(cast("shipped" as timestamp with time zone) at time zone 'UTC' as date)
    when cast(pg_typeof("shipped") as text) in ('date', 'timestamp without time zone')
      then cast("shipped" as date)
    when cast("shipped" as text) !~ '^ *$'
      then make_date(cast(substr(cast("shipped" as text), 1, 4) as integer), cast(substr(cast("shipped" as text), 6, 2) as integer), cast(substr(cast("shipped" as text), 9, 2) as integer))
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
  where lower(customer) not in ('-', '--', 'n/a', 'na', 'nan', 'none', 'null', 'nil', 'nat', E'\\n', '(null)', '[null]', '<null>', '<na>', '#n/a', '#na', '#n/a n/a', '#ref!', '#value!', '#name?', '#null!', '#num!', '#div/0!', '-nan', '1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan', 'undefined', '(blank)', '(empty)', '(none)', '', 'guest')
    and order_day <= date '2024-12-31'
    and abs(amount) <= 1e13
),
clv_movements as (
  -- What was paid back is a return, on the order's day or later.
  select customer_id, order_day, amount, kept_1 from clv_orders
  union all
  select customer_id, case when refund_day > order_day then refund_day else order_day end, -abs(refund), cast(null as text) from clv_orders
  where refund <> 0 and abs(refund) <= 1e13 and case when refund_day > order_day then refund_day else order_day end <= date '2024-12-31'
)
select
  customer_id,
  order_day as clv_order_day,
  amount as clv_order_amount,
  kept_1 as "country"
from clv_movements
