with clv_rows as (
  -- What a row says: whose it is, of which calendar day, and for how much.
  select
    trim(cast(`customer_id` as string), ' \u0009\u000a\u000c\u000d\u000b\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff') as customer,
    date(`order_date`, 'Europe/Berlin') as order_day,
    cast(`amount` as float64) as amount,
    cast(`refunded_amount` as float64) as refund,
    date(`refunded_at`, 'Europe/Berlin') as refund_day,
    nullif(trim(cast(`country` as string), ' \u0009\u000a\u000c\u000d'), '') as kept_1
  from `shop`.`Orders`
  where coalesce(lower(trim(cast(`status` as string), ' ')), '') not in ('refunded', 'cancelled')
    and cast(`total` as float64) > 0.0 and cast(`total` as float64) <= 1.7976931348623157e308
    and cast(`shipped` as date) < date '2025-01-01'
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
