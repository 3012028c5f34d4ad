//! What every column of the customers' table means, with its formula and source.

/// Shown under the options of `clv run --help` and `clv predict --help`.
pub(crate) const HELP: &str = "\
Columns. x, t_x, T, m: a customer's frequency, recency, T and monetary value;
t: the horizon; X(t): repeat purchases by t of a new customer with the
posterior parameters (BG/NBD: r + x, alpha + T, a, b + x); s: the margin.
  customer_id           as in the orders
  frequency             x, repeat purchases: those after the first
  recency               t_x, age at the last purchase; 0 without a repeat
                        purchase
  T                     age at the end of the observation
  monetary_value        m, mean amount of the repeat purchases
  p_alive               P(alive); BG/NBD: 1/(1 + a/(b+x-1)
                        ((alpha+T)/(alpha+t_x))^(r+x)), and 1 if x = 0 [Fader &
                        Hardie, note 021]
  expected_spend        E[M] = p (gamma + x m)/(p x + q - 1) [Fader & Hardie
                        2013, eq. 5]
  historical_value      s x net amount of all orders so far
  purchases_3m          P(alive) E[X(t)] [Fader, Hardie & Lee 2005, eq. 10]
  det_3m                the same discounted, with a --discount: P(alive)
                        int_0^t (1+d)^-u dE[X(u)]
  p_purchase_3m         P(alive) P(X(t) >= 1): at least one purchase [eq. 8];
                        p_purchase_forever: ever another one
  p_alive_3m            P(alive at the end of the horizon); BG/NBD: P(alive)
                        E[(1 + p t/(alpha+T))^-(r+x)] over p ~ Beta(a, b+x)
  clv_3m                s E[M] P(alive) int_0^t (1+d)^-u dE[X(u)], d the annual
                        --discount and u in years
  lifetime_value_3m     historical_value - cac + clv_3m
  dert, clv_forever     the same over the infinite future; DERT of BG/NBD is
                        P(alive) E[lambda/(lambda p + delta)], of Pareto/NBD a
                        Tricomi U [Fader, Hardie & Lee 2005, RFM and CLV, eq.
                        2]
  purchases_3m_to_6m    with --horizons 3m..6m: over (3m, 6m], E[X(6m)] -
                        E[X(3m)]; so clv_, while p_alive_ is at its end
On request:
  purchases_3m_se       --standard-errors: sqrt(g' C g), g the gradient in the
                        logarithms of the parameters and C their covariance;
                        likewise p_alive_se, expected_spend_se, clv_3m_se,
                        dert_se
  p_next_purchase       --next 50: P(alive) P(X(inf) >= 1), another purchase
                        ever comes
  next_purchase_50      the day by which half of those that ever come have
                        come: P(X(t) >= 1) = 0.5 P(X(inf) >= 1); empty beyond
                        ten years, while the chance stays
  p_0_3m, p_1_3m ...    --counts: P(n purchases) = P(alive) P(X(t) = n), for n
                        = 0 plus 1 - P(alive)
  purchases_3m_lo80     --intervals 80, and purchases_3m_hi80: 10% and 90%
                        quantiles of the number N of purchases, the least n
                        with P(N <= n) >= 0.1 and 0.9, and so at least 80% lie
                        between them
  value_3m_lo80, _hi80  where there is a spend model, the same of V = s x spend
                        over the horizon, not discounted; P(V <= v) = P(0) +
                        sum_n P(n) I_w(p n, q + p x), w = v/(v + s (gamma + x
                        m)), since a sum of n amounts is beta-prime [from Fader
                        & Hardie 2013]; --parameter-draws N: the mean over N
                        draws of the parameters
  p_value_3m_over_100   --over 100: P(V > 100)
Totals (--totals): horizon, end, the groups of --by, customers, then purchases
and value (V, added up) with the ends of their --intervals, found by
simulating futures of all customers and scaling them by draws of the
parameters, and p_value_over_AMOUNT for --target.";

/// Shown under the options of `clv describe --help`.
pub(crate) const DESCRIBE_HELP: &str = "\
Columns of -o, after those of clv summarize:
  revenue               net amount of purchases and returns in the window
  lifetime_value        margin x revenue - cogs - serving - cac; the cost of
                        acquisition counts if the first purchase is in the
                        window
  profit_per_period     lifetime_value by period of the window in which the
                        customer was one, that of the first purchase included
  days_since_last       from the last purchase to the end of the observation
  recency_score         its score, the highest for the fewest days
  frequency_score       of the number of purchases, the first included
  monetary_score        of the total net amount, not the mean
  rfm_score             mean of the three, weighted by --rfm-weights
                        By k quantiles, a score is floor(k b/(b + a)) + 1, at
                        most k: b customers have less, a have more; if all are
                        equal, floor(k/2) + 1
  clv_12m               with --model: value expected over the last horizon
  current_tercile       of what the customer has earned so far, 3 the highest
  future_tercile        of clv_12m
  treatment             keep, develop, win back or let go: a convention by the
                        two terciles, which knows nothing of what it costs
Gini coefficient: sum_i (2 i - n - 1) v_(i) / (n sum v); customers with negative
revenue count as zero. Intervals are of 95%: means by Student's t, shares by
Wilson (1927), differences of means by Welch (1947), of shares by Newcombe
(1998, method 10). A cohort's age is 0 in the calendar period of the first
purchase.";
