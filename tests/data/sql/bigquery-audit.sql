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
  cast(count(*) as int64) as row_count
from clv_judged
group by reason
union all
select
  'not_selected' as reason,
  cast(count(*) as int64) as row_count
from `shop`.`Orders`
where not coalesce(coalesce(lower(trim(cast(`status` as string), ' ')), '') not in ('refunded', 'cancelled')
  and cast(`total` as float64) > 0.0 and cast(`total` as float64) <= 1.7976931348623157e308
  and cast(`shipped` as date) < date '2025-01-01', false)
