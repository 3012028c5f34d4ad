"""Compute the reference grid: every quantity of the models at thousands of points, to 20 digits, with mpmath.

    pip install mpmath gmpy2 python-flint
    python grid.py [MODEL-KIND ...]
    python grid.py check

Writes one file MODEL-KIND.csv.gz each; without arguments all of them. `check` writes nothing, and compares the identities used
for regular purchases with the integrals that define them. The kinds are, for a model of purchases over time,

    history   parameters, x, t_x, T -> log-likelihood, its gradient and Hessian, P(alive)
    future    parameters, x, t_x, T, t -> purchases expected in (0, t] of a new customer, and in (T, T + t] of this one
    mass      parameters, t, n -> P(X(t) = n) and P(X(t) >= n) of a new customer
    alive     parameters, t -> P(alive at t) and P(ever makes a repeat purchase) of a new customer
    discount  parameters, x, t_x, T, t, discount -> purchases expected, each worth exp(-discount * time from now): of a new
              customer in (0, t], of a new customer forever, of this customer forever

and `gamma-gamma-spend`, `sbg-lifetime`, `sbg-residual`. Derivatives are with respect to the logarithms of the parameters.
For BG/BB, T counts opportunities, and t_x, T, t are whole; P(alive) is at T, before the dropout chance on the way to T + 1.
For sBG, `residual` is of a customer who has made n renewals and stands right before the next, n + 1; if made, it is paid
at once: the sum over t > n of S(t)/S(n) / (1 + d)^(t - n - 1). (Fader & Hardie 2010 write n - 1 for this n.)

Each value comes from the textbook definition, in which derivatives are central differences at 120 digits, or from the
defining integral, for Pareto/NBD with its derivatives under the integral sign. The sources: Fader, Hardie & Lee 2005
("FHL05") for BG/NBD; Schmittlein, Morrison & Colombo 1987 for Pareto/NBD; Batislam, Denizel & Filiztekin 2007 for MBG/NBD;
Fader, Hardie & Shang 2010 for BG/BB; Fader & Hardie 2007 for sBG; Fader & Hardie 2013 ("GG13") for Gamma-Gamma. None of
the program's own formulas is used. Inputs are written so that they read back to the same 64-bit floats; values with 20
digits. Under two hours on two cores; the seeds are fixed.

For BG/CNBD-k and MBG/CNBD-k (Reutterer, Platzer & Schroeder 2021) the first column is k, 2, 3, 7 or 12. The likelihood is without
the factor of the interpurchase times, which no parameter moves. Given the rate lambda of events, gaps and numbers of events are
Poisson; lambda is integrated out term by term. Purchases expected, survival, and discounted purchases up to t are taken from
the generating function of the number of purchases by the roots of unity (`Returning`), not from sums over numbers of purchases as
in the program. Discounted purchases forever are the mean over lambda and p that defines them, of which the program, too, computes
a double sum, with other nodes. Where a customer is alive with a chance below 1e-400, those are written as 0. There are fewer
points, 200 of discounted purchases, but the parameters, histories and times have no narrower ranges than those of BG/NBD.

For Pareto/CNBD-k the first column is k as well, and there are 400 points each, with the ranges of Pareto/NBD. The likelihood is the
integral over the time of dropout, and the sum over the stages there, of what lambda and mu leave when they are integrated out, with
its derivatives under the integral sign. Purchases expected, discounted or not, are integrals over time of the chance of being
alive times the rate of purchases of who never leaves, which is had by the roots of unity (`PurchaseRate`). The masses are sums over
events of integrals over the time of dropout; the tails, and the chance ever to return, are integrals over the time of the event.
"""

import collections
import functools
import gzip
import multiprocessing
import pathlib
import random
import signal
import sys

import flint
import gmpy2
from mpmath import mp, mpf, beta, binomial, digamma, exp, expm1, hyp2f1, inf, log, log1p, loggamma, polygamma, quad
from mpmath.calculus.quadrature import GaussLegendre

HERE = pathlib.Path(__file__).parent


# Points

def generator(model, kind, index):
    """The oldest grids are seeded by the kind alone."""
    first = {("bg-nbd", "history"), ("bg-nbd", "future"), ("bg-nbd", "mass"), ("gamma-gamma", "spend")}
    return random.Random(f"{kind} {index}" if (model, kind) in first else f"{model} {kind} {index}")


def log_uniform(rng, low, high):
    return float(f"{10 ** rng.uniform(low, high):.17g}")


def parameters(rng, count):
    """Half of the points near ordinary values, half over the whole range from 1e-6 to 1e6."""
    low, high = (-2, 2) if rng.random() < 0.5 else (-6, 6)
    return [log_uniform(rng, low, high) for _ in range(count)]


def dropout(rng, a, b):
    """Now and then a at or next to its removable pole at 1, or a + b below 1."""
    kind = rng.random()
    if kind < 0.1:
        a = 1.0
    elif kind < 0.15:
        a = 1.0 + rng.choice([-1, 1]) * log_uniform(rng, -12, -2)
    elif kind < 0.25:
        a, b = rng.uniform(1e-3, 0.5), rng.uniform(1e-3, 0.5)
    return a, b


def bg_nbd_parameters(rng):
    r, alpha, a, b = parameters(rng, 4)
    return [r, alpha, *dropout(rng, a, b)]


def stages_and_parameters(rng):
    return [rng.choice((2, 3, 7, 12)), *bg_nbd_parameters(rng)]


def stages_and_pareto_parameters(rng):
    return [rng.choice((2, 3, 7, 12)), *pareto_parameters(rng)]


def pareto_parameters(rng):
    """Now and then s at or next to its removable pole at 1, or alpha and beta equal or nearly so."""
    r, alpha, s, beta = parameters(rng, 4)
    kind = rng.random()
    if kind < 0.05:
        s = 1.0
    elif kind < 0.15:
        s = 1.0 + rng.choice([-1, 1]) * log_uniform(rng, -12, -2)
    kind = rng.random()
    if kind < 0.05:
        beta = alpha
    elif kind < 0.1:
        beta = alpha * (1 + rng.choice([-1, 1]) * log_uniform(rng, -12, -2))
    return [r, alpha, s, beta]


def history(rng):
    x = 0 if rng.random() < 0.2 else int(10 ** rng.uniform(0, 5))
    T = log_uniform(rng, -6, 6) if rng.random() < 0.5 else rng.uniform(1.0, 200.0)
    if x == 0:
        return x, 0.0, T
    kind = rng.random()
    if kind < 0.15:
        return x, T, T
    if kind < 0.3:
        return x, T * (1 - 10 ** rng.uniform(-12, -2)), T
    return x, T * rng.random(), T


def opportunities(rng):
    return rng.randint(1, 60) if rng.random() < 0.8 else rng.randint(61, 300)


def whole_history(rng):
    T = opportunities(rng)
    if rng.random() < 0.2:
        return 0, 0, T
    t_x = T if rng.random() < 0.15 else rng.randint(1, T)
    return t_x if rng.random() < 0.1 else rng.randint(1, t_x), t_x, T


def horizon(rng):
    return log_uniform(rng, -9, 9) if rng.random() < 0.5 else log_uniform(rng, -1, 3)


def time_and_count(rng, r, alpha, *_):
    n = 0 if rng.random() < 0.1 else int(10 ** rng.uniform(0, 4 if rng.random() < 0.9 else 5))
    # Half of the times such that n is about what is expected.
    t = log_uniform(rng, -9, 9) if rng.random() < 0.5 else float((n + 0.3) * alpha / r * 10 ** rng.uniform(-1, 1))
    return min(max(t, 1e-9), 1e9), n


def time_and_purchases(rng, k, r, alpha, *_):
    """Every purchase takes k events."""
    return time_and_count(rng, r, k * alpha)


def whole_time_and_count(rng, *_):
    t = opportunities(rng)
    return t, rng.randint(0, t)


# Derivatives

def differences(f, theta, h=mpf(10) ** -30):
    """Value, gradient and upper triangle of the Hessian."""
    n = len(theta)

    def at(*steps):
        moved = list(theta)
        for i, sign in steps:
            moved[i] += sign * h
        return f(moved)

    here = at()
    ahead = [at((i, 1)) for i in range(n)]
    behind = [at((i, -1)) for i in range(n)]
    values = [here] + [(ahead[i] - behind[i]) / (2 * h) for i in range(n)]
    for i in range(n):
        for j in range(i, n):
            if i == j:
                values.append((ahead[i] - 2 * here + behind[i]) / h ** 2)
            else:
                cross = at((i, 1), (j, 1)) - at((i, 1), (j, -1)) - at((i, -1), (j, 1)) + at((i, -1), (j, -1))
                values.append(cross / (4 * h * h))
    return values


# Integrals

class Kernel:
    """ln f(y) = c y - sum of w ln(D + exp(y)) - K exp(y), with no w, D, K below 0.

    Concave on the real line, and with its nearest singularities at a distance of pi from it: after the right substitution,
    all integrals here are of this kind, and Gauss-Legendre on panels over which f changes little converges at once.
    """

    def __init__(self, c, factors=(), K=0):
        self.c, self.factors, self.K = c, factors, K

    def ln(self, y):
        e = exp(y)
        return self.c * y - sum(w * log(D + e) for D, w in self.factors) - self.K * e

    def slope(self, y):
        e = exp(y)
        return self.c - sum(w * e / (D + e) for D, w in self.factors) - self.K * e

    def mode(self, low, high):
        if low == -inf:
            low = min(high, mpf(0)) - 1
            while self.slope(low) <= 0:
                low *= 2
        if high == inf:
            high = max(low, mpf(0)) + 1
            while self.slope(high) >= 0:
                high *= 2
        if self.slope(low) <= 0:
            return low
        if self.slope(high) >= 0:
            return high
        for _ in range(60):
            middle = (low + high) / 2
            if self.slope(middle) > 0:
                low = middle
            else:
                high = middle
        return low


# Degree of mpmath's Gauss-Legendre rule (3 * 2^(degree - 1) nodes), longest panel, largest change of ln f in a panel.
Rule = collections.namedtuple("Rule", "degree longest steep digits")
VALUES = Rule(4, 1, 10, 35)
MEANS = Rule(4, 1.5, 10, 26)
DERIVATIVES = Rule(6, 2, 30, 95)
DISCOUNTED = Rule(4, 2, 10, 23)


@functools.cache
def gauss_legendre(degree):
    saved, mp.dps = mp.dps, 120
    nodes = GaussLegendre(mp).calc_nodes(degree, mp.prec)
    mp.dps = saved
    return nodes


def panels(kernel, low, high, rule, spread=0):
    """Panels (middle, half length), ln f(mode), and the ends: where f, even if favoured by exp(spread), is nothing any
    more, or low and high."""
    mode = kernel.mode(low, high)
    top = kernel.ln(mode)
    fall = rule.digits * log(10) + spread
    found, ends = [], []
    for sign, limit in ((-1, low), (1, high)):
        y, step = mode, mpf(rule.longest)
        while y != limit and top - kernel.ln(y) < fall:
            step = min(2 * step, mpf(rule.longest), abs(limit - y))
            while abs(kernel.slope(y + sign * step)) * step > rule.steep:
                step /= 2
            end = limit if step == abs(limit - y) else y + sign * step
            found.append(((y + end) / 2, step / 2))
            y = end
        ends.append(y)
    return found, top, ends


def nodes(kernel, low, high, rule, spread=0):
    """Nodes y, their weights f(y) dy / f(mode), ln f(mode)."""
    found, top, _ = panels(kernel, low, high, rule, spread)
    points, weights = [], []
    for middle, half in found:
        for node, weight in gauss_legendre(rule.degree):
            points.append(middle + half * node)
            weights.append(half * weight * exp(kernel.ln(points[-1]) - top))
    return points, weights, top


def ln_integral(kernel, low, high):
    _, weights, top = nodes(kernel, low, high, VALUES)
    return top + log(mp.fsum(weights)) if weights else -inf


def number(ball):
    man, exponent = ball.mid().man_exp()
    return mp.ldexp(mpf(int(man)), int(exponent))


def beta_mean(g, at_0, scale, a, b, rule=MEANS):
    """E[g(p)] over p ~ Beta(a, b), over u = ln(p / (1 - p)), for a positive g that falls from g(0), no faster than 1/p, and
    hardly before p = 1/scale. Where p or 1 - p is below all digits of what matters, the rest is one lump.

    The sum in ball arithmetic, which is in C, with as many bits as it takes: g is of a ball.
    """
    low = -(rule.digits + 5) * log(10) - log(1 + a + b + scale)
    high = (rule.digits + 5) * log(10) + log(1 + a + b)
    found, top, ends = panels(Kernel(a, [(mpf(1), a + b)]), low, high, rule, log(1 + scale))
    bits = 250
    while True:
        flint.ctx.prec = bits
        a_, b_, top_ = flint.arb(a), flint.arb(b), flint.arb(top)
        nodes = [(flint.arb(node), flint.arb(weight)) for node, weight in gauss_legendre(rule.degree)]

        def density(u):
            return (a_ * u - (a_ + b_) * u.exp().log1p() - top_).exp()

        total, mean = flint.arb(0), flint.arb(0)
        for middle, half in found:
            middle, half = flint.arb(middle), flint.arb(half)
            for node, weight in nodes:
                u = middle + half * node
                weight = weight * half * density(u)
                total += weight
                mean += weight * g(1 / (1 + (-u).exp()))
        if ends[0] == low:
            weight = density(flint.arb(low)) / a_
            total, mean = total + weight, mean + weight * flint.arb(at_0)
        if ends[1] == high:
            weight = density(flint.arb(high)) / b_
            total, mean = total + weight, mean + weight * g(flint.arb(1))
        value = mean / total
        if value.rel_accuracy_bits() > 90:
            return number(value)
        bits *= 2


def ln_beta(a, b):
    return loggamma(a) + loggamma(b) - loggamma(a + b)


def ln_sum(terms):
    top = max(terms)
    return top + log(mp.fsum([exp(term - top) for term in terms]))


def certain(f):
    """What f gives in ball arithmetic, with as many bits as it takes."""
    bits = 200
    while True:
        flint.ctx.prec = bits
        value = f()
        if value.rel_accuracy_bits() > 90:
            return number(value)
        bits *= 2


# NBD

def nbd_ln_likelihood(theta, x, t_x, T):
    r, alpha = (exp(value) for value in theta)
    return loggamma(r + x) - loggamma(r) + r * log(alpha) - (r + x) * log(alpha + T)


def nbd_mass_and_tail(r, alpha, t, n):
    """P(N(t) = n), P(N(t) >= n)."""
    z = t / (alpha + t)
    term = (alpha / (alpha + t)) ** r
    below = mpf(0)
    for j in range(n):
        below += term
        term *= (r + j) / (j + 1) * z
    return term, 1 - below


def nbd_discounted(r, alpha, t, discount):
    return r / (alpha * discount) * (1 if t == inf else -expm1(-discount * t))


# Pareto/NBD

def pareto_dropped(r, alpha, s, beta, x, t_x, T, rule, spread=0):
    """Of the integral of (alpha + u)^-(r + x) (beta + u)^-(s + 1) from t_x to T: times u, weights, ln of their unit.

    With m = min(alpha, beta), y = ln((m + u) / (m + t_x)). As far as matters with a factor between 1 and exp(spread).
    """
    near, far = (r + x, s + 1) if alpha <= beta else (s + 1, r + x)
    m, start = min(alpha, beta), t_x + min(alpha, beta)
    kernel = Kernel(1 - near, [(abs(alpha - beta) / start, far)])
    points, weights, top = nodes(kernel, mpf(0), log1p((T - t_x) / start), rule, spread)
    return [start * exp(y) - m for y in points], weights, top + (1 - near - far) * log(start)


def pareto_alive_odds(r, alpha, s, beta, x, t_x, T, rule, spread=0):
    """ln of the likelihood's parts but for a common factor: alive at T, and the unit of the weights of dropout times."""
    times, weights, unit = pareto_dropped(r, alpha, s, beta, x, t_x, T, rule, spread)
    return -(r + x) * log(alpha + T) - s * log(beta + T), log(s) + unit, times, weights


def pareto_p_alive(r, alpha, s, beta, x, t_x, T):
    alive, unit, _, weights = pareto_alive_odds(r, alpha, s, beta, x, t_x, T, VALUES)
    return 1 / (1 + exp(unit - alive) * mp.fsum(weights))


def pareto_history(exact, x, t_x, T):
    mp.dps = 110
    alive, unit, times, weights = pareto_alive_odds(*exact, x, t_x, T, DERIVATIVES)
    top = max(alive, unit)
    weights = [exp(unit - top) * weight for weight in weights] + [exp(alive - top)]
    return silence_derivatives(exact, top, x, [x] * len(weights), times + [T], [1] * len(times) + [0], weights)


def silence_derivatives(exact, ln_unit, x, events, times, left, weights):
    """The likelihood is a sum of exp(g) over the time u of dropout in (t_x, T], or none by T, and over the number of events by
    then: its logarithm has the gradient E[g'] and the Hessian E[g''] + Cov[g'], weighted by exp(g). That is the weight times
    gamma(r + x)/gamma(r) alpha^r beta^s and the unit. Value, derivatives, P(none by T)."""
    r, alpha, s, beta = exact
    total = mp.fsum(weights)
    weights = [weight / total for weight in weights]

    steps = {n: (r * (digamma(r + n) - digamma(r)), r ** 2 * (polygamma(1, r + n) - polygamma(1, r))) for n in set(events)}
    at = {u: (r * log1p(u / alpha), alpha / (alpha + u), s * log1p(u / beta), beta / (beta + u)) for u in set(times)}
    ln_a, part_a, ln_b, part_b = zip(*(at[u] for u in times))
    first = [
        [steps[n][0] - value for n, value in zip(events, ln_a)],
        [r - (r + n) * part for n, part in zip(events, part_a)],
        [gone - value for gone, value in zip(left, ln_b)],
        [s - (s + gone) * part for gone, part in zip(left, part_b)],
    ]
    zero = [mpf(0)] * len(times)
    second = {
        (0, 0): [sum(steps[n]) - value for n, value in zip(events, ln_a)],
        (0, 1): [r * (1 - part) for part in part_a],
        (1, 1): [-(r + n) * part * (1 - part) for n, part in zip(events, part_a)],
        (2, 2): [-value for value in ln_b],
        (2, 3): [s * (1 - part) for part in part_b],
        (3, 3): [-(s + gone) * part * (1 - part) for gone, part in zip(left, part_b)],
    }
    mean = [mp.fdot(weights, values) for values in first]
    common = loggamma(r + x) - loggamma(r) + r * log(alpha) + s * log(beta)
    values = [common + ln_unit + log(total), *mean]
    for i in range(4):
        for j in range(i, 4):
            product = [(p - mean[i]) * (q - mean[j]) for p, q in zip(first[i], first[j])]
            values.append(mp.fdot(weights, second.get((i, j), zero)) + mp.fdot(weights, product))
    return values + [mp.fsum(weight for gone, weight in zip(left, weights) if not gone)]


def pareto_expected(r, alpha, s, beta, t):
    mp.dps = 120
    if s == 1:
        return r * beta / alpha * log1p(t / beta)
    return r * beta / (alpha * (s - 1)) * -expm1(-(s - 1) * log1p(t / beta))


def pareto_mass_and_tail(r, alpha, s, beta, t, n):
    """By the time of dropout, and by the time of the n-th purchase: over y = ln u."""
    mp.dps = 60
    ln_t = log(t)
    survives = -s * log1p(t / beta)
    count = loggamma(r + n) - loggamma(r) + r * log(alpha)
    alive = count - loggamma(n + 1) - (r + n) * log(alpha + t) + n * ln_t + survives
    dropped = (count - loggamma(n + 1) + log(s) + s * log(beta)
               + ln_integral(Kernel(mpf(n + 1), [(alpha, r + n), (beta, s + 1)]), -inf, ln_t))
    mass = exp(ln_sum([alive, dropped]))
    if n == 0:
        return mass, mpf(1)
    tail = count - loggamma(n) + s * log(beta) + ln_integral(Kernel(mpf(n), [(alpha, r + n), (beta, s)]), -inf, ln_t)
    return mass, exp(tail)


def pareto_discounted(r, alpha, s, beta, t, discount):
    """Integral of exp(-discount u) r/alpha (beta / (beta + u))^s, over y = ln(1 + u / beta)."""
    mp.dps = 60
    K = discount * beta
    high = inf if t == inf else log1p(t / beta)
    return r * beta / alpha * exp(K + ln_integral(Kernel(1 - s, K=K), mpf(0), high))


def pareto_alive_and_ever(r, alpha, s, beta, t):
    """E[lambda / (lambda + mu)] = integral of r/alpha (alpha / (alpha + u))^(r + 1) (beta / (beta + u))^s over u > 0."""
    mp.dps = 60
    def ever():
        r_, s_ = flint.arb(r), flint.arb(s)
        ratio = flint.arb(beta) / flint.arb(alpha)
        return r_ / (r_ + s_) * ratio**s_ * (1 - ratio).hypgeom_2f1(s_, r_ + s_, r_ + s_ + 1)
    return exp(-s * log1p(t / beta)), certain(ever)


# BG/NBD

def bg_nbd_ln_likelihood(theta, x, t_x, T):
    """FHL05 equation 6, in the logarithms of the parameters."""
    r, alpha, a, b = (exp(value) for value in theta)
    common = loggamma(r + x) - loggamma(r) + r * log(alpha)
    alive = loggamma(b + x) - loggamma(b) + loggamma(a + b) - loggamma(a + b + x) - (r + x) * log(alpha + T)
    if x == 0:
        return common + alive
    left = (loggamma(a + 1) - loggamma(a) + loggamma(b + x - 1) - loggamma(b) + loggamma(a + b) - loggamma(a + b + x)
            - (r + x) * log(alpha + t_x))
    top = max(alive, left)
    return common + top + log(exp(alive - top) + exp(left - top))


def bg_nbd_p_alive(r, alpha, a, b, x, t_x, T):
    """Fader & Hardie, note 021."""
    if x == 0:
        return mpf(1)
    return 1 / (1 + a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x))


class OutOfTime(Exception):
    pass


def bg_nbd_expected_by_series(r, alpha, a, b, t):
    """FHL05 equation 9; at its poles in a and a + b the limit, from a point 1e-45 away."""
    step = mpf(10) ** -45
    pole = a == 1 or (a + b <= 1 and (a + b) == int(a + b))
    if pole:
        a = a + step
    c = a + b - 1
    z = t / (alpha + t)
    value = c / (a - 1) * (1 - (alpha / (alpha + t)) ** r * hyp2f1(r, b, c, z))
    return value


def bg_nbd_expected_by_integral(r, alpha, a, b, t):
    """E[(1 - (1 + p t/alpha)^-r) / p] over p ~ Beta(a, b), over u = ln(p / (1 - p))."""
    y = t / alpha
    mode = log(a / b)
    width = (1 / a + 1 / b) ** mpf("0.5")
    top = -a * log1p(exp(-mode)) - b * log1p(exp(mode))

    def weight(u):
        return exp(-a * log1p(exp(-u)) - b * log1p(exp(u)) - top)

    def purchases(u):
        p = 1 / (1 + exp(-u))
        return -expm1(-r * log1p(p * y)) / p

    reach = 130
    breaks = {mode - reach / min(a, 1) - 40 * width, mode + reach / min(b, 1) + 40 * width}
    low, high = min(breaks), max(breaks)
    for center in (mode, -log(y), -log(y * r), mpf(0)):
        for k in (-60, -30, -12, -4, -1, 0, 1, 4, 12, 30, 60):
            for scale in {min(width, mpf(1)), mpf(1)}:
                u = center + k * scale
                if low < u < high:
                    breaks.add(u)
    breaks = sorted(breaks)
    return quad(lambda u: weight(u) * purchases(u), breaks) / quad(weight, breaks)


def bg_nbd_expected(r, alpha, a, b, t):
    def stop(signum, frame):
        raise OutOfTime
    signal.signal(signal.SIGALRM, stop)
    try:
        signal.alarm(2)
        size = r * t / alpha
        # Digits that the difference from 1 costs.
        mp.dps = 120 + int(max(0, -mp.log10(size)))
        value = +bg_nbd_expected_by_series(r, alpha, a, b, t)
        signal.alarm(0)
        # A value out of its bounds is a series that lost its digits.
        if isinstance(value, mpf) and 0 < value <= size * (1 + mpf(10) ** -40):
            return value
    except (OutOfTime, ValueError, ZeroDivisionError, OverflowError, mp.NoConvergence):
        pass
    finally:
        signal.alarm(0)
    mp.dps = 55
    return bg_nbd_expected_by_integral(r, alpha, a, b, t)


def bg_nbd_mass_and_tail(r, alpha, a, b, t, n):
    """FHL05 equation 8, and P(X >= n) = P(N >= n) B(a, b + n - 1) / B(a, b)."""
    mp.dps = 450
    mass, tail = nbd_mass_and_tail(r, alpha, t, n)
    survives = beta(a, b + n) / beta(a, b)
    if n == 0:
        return survives * mass, mpf(1)
    leaves = beta(a + 1, b + n - 1) / beta(a, b)
    return survives * mass + leaves * tail, tail * (leaves + survives)


def scaled_exponential_integral(n, z):
    """exp(z) E_n(z), for a large order or argument by its continued fraction, which then converges at once."""
    bits = flint.ctx.prec
    if n < 1000 and abs(z) < bits / 8:
        return z.exp() * z.expint(n)
    terms = max(30, bits // 16)
    value = exponential_fraction(n, z, terms)
    while True:
        terms, last = 2 * terms, value
        value = exponential_fraction(n, z, terms)
        if abs(value.mid() - last.mid()) <= abs(value) * flint.arb(2) ** (10 - bits):
            return value


def exponential_fraction(n, z, terms):
    value = n + z + 2 * terms
    for k in range(terms, 0, -1):
        value = n + z + 2 * (k - 1) - (n + (k - 1)) * k / value
    return 1 / value


def bg_nbd_discounted(r, alpha, a, b, t, discount):
    """The mean over p of the integral of exp(-discount u) r/alpha (1 + p u / alpha)^-(r + 1) from 0 to t."""
    mp.dps = 60

    def integral(p):
        r_, alpha_, discount_ = flint.arb(r), flint.arb(alpha), flint.arb(discount)
        z = discount_ * alpha_ / p
        value = scaled_exponential_integral(r_ + 1, z)
        if t != inf:
            t_ = flint.arb(t)
            rest = (-discount_ * t_ - r_ * (p * t_ / alpha_).log1p()).exp()
            value -= rest * scaled_exponential_integral(r_ + 1, z + discount_ * t_)
        return value * alpha_ / p

    at_0 = 1 / discount if t == inf else -expm1(-discount * t) / discount
    scale = (r + 1) / alpha * min(t, 1 / discount)
    return r / alpha * beta_mean(integral, at_0, scale, a, b)


def bg_nbd_alive(r, alpha, a, b, t):
    """E[exp(-lambda p t)] = 2F1(r, a; a + b; -t / alpha)."""
    return certain(lambda: (-flint.arb(t) / alpha).hypgeom_2f1(flint.arb(r), flint.arb(a), flint.arb(a) + b))


# MBG/NBD

def mbg_nbd_parts(r, alpha, a, b, x, t_x, T):
    alive = ln_beta(a, b + x + 1) - (r + x) * log(alpha + T)
    left = ln_beta(a + 1, b + x) - (r + x) * log(alpha + t_x)
    return alive, left


def mbg_nbd_ln_likelihood(theta, x, t_x, T):
    r, alpha, a, b = (exp(value) for value in theta)
    parts = mbg_nbd_parts(r, alpha, a, b, x, t_x, T)
    return loggamma(r + x) - loggamma(r) + r * log(alpha) - ln_beta(a, b) + ln_sum(parts)


def mbg_nbd_p_alive(r, alpha, a, b, x, t_x, T):
    alive, left = mbg_nbd_parts(r, alpha, a, b, x, t_x, T)
    return 1 / (1 + exp(left - alive))


def expected_if_active(r, alpha, a, b, t):
    """E[(1 - (1 + p t/alpha)^-r) / p] over p ~ Beta(a, b): of a customer who is past the first dropout chance."""
    mp.dps = 60
    y = t / alpha

    def given(p):
        return -(-flint.arb(r) * (p * flint.arb(y)).log1p()).expm1() / p

    return beta_mean(given, r * y, (r + 1) * y, a, b)


def mbg_nbd_mass_and_tail(r, alpha, a, b, t, n):
    mp.dps = 450
    mass, tail = nbd_mass_and_tail(r, alpha, t, n)
    leaves = beta(a + 1, b + n) / beta(a, b)
    survives = beta(a, b + n + 1) / beta(a, b)
    # P(X >= n) of a customer who passes n chances; without purchases, both ways of leaving none.
    return survives * mass + leaves * tail, mpf(1) if n == 0 else tail * beta(a, b + n) / beta(a, b)


def if_active_at_first(f):
    """The same of regular purchases."""
    return lambda k, r, alpha, a, b, *rest: b / (a + b) * f(k, r, alpha, a, b + 1, *rest)


def if_active_at_0(f):
    """Of a new customer: the chance 1 - p of being active makes p ~ Beta(a, b + 1)."""
    return lambda r, alpha, a, b, *rest: b / (a + b) * f(r, alpha, a, b + 1, *rest)


# BG/CNBD-k and MBG/CNBD-k, of which the first parameter is k

def stage_terms(k, n, rest, gap):
    """ln of the integral of lambda^(n - 1) exp(-lambda rest) (lambda gap)^j / j! over lambda, for j < k: the stages that a
    customer can be in who has not purchased for so long, `rest` being alpha + T."""
    return [loggamma(n + j) - (n + j) * log(rest) + (j * log(gap) if j else 0) - loggamma(j + 1)
            for j in range(k if gap else 1)]


def regular_parts(earlier, k, r, alpha, a, b, x, t_x, T):
    """ln of the likelihood's parts, but for the factor of the interpurchase times: lambda ~ Gamma(r, alpha) and p ~ Beta(a, b)
    integrated out of lambda^(k x) exp(-lambda t_x) (1 - p)^(c - 1) [(1 - p) P(fewer than k events in T - t_x) + p], with
    c = x or x + 1 chances to leave."""
    n, chances = r + k * x, x + earlier
    common = r * log(alpha) - loggamma(r) - ln_beta(a, b)
    alive = common + ln_beta(a, b + chances) + ln_sum(stage_terms(k, n, alpha + T, T - t_x))
    if not chances:
        return [alive]
    return [alive, common + ln_beta(a + 1, b + chances - 1) + loggamma(n) - n * log(alpha + t_x)]


def regular_ln_likelihood(earlier):
    def given(theta, k, x, t_x, T):
        return ln_sum(regular_parts(earlier, k, *map(exp, theta), x, t_x, T))
    return given


def regular_p_alive(earlier):
    def given(*point):
        parts = regular_parts(earlier, *point)
        return exp(parts[0] - ln_sum(parts))
    return given


class Returning:
    """What becomes of a customer who is alive, in stage j with weight w_j, and there has lambda ~ Gamma(n + j, rest), by the
    roots of unity, p being given.

    With q = 1 - p, s = q^(1/k), z = s exp(2 pi i l/k) and N events in the time t, of which every k-th is a purchase, the first
    the k - j-th, there are W = floor((N + j)/k) purchases wanted, and

        E[q^W] = E[s^(N + j - (N + j) mod k)] = sum over l < k of c z^j (rest / (rest + (1 - z) t))^(n + j),
        c = p/(q k) z/(1 - z)

    of which the last factor is E[z^N]. Of l and k - l only one is computed. In ball arithmetic, and everything of a ball p.
    """

    def __init__(self, k, n, rest, weights=(mpf(1),)):
        self.k, self.n, self.rest, self.weights = k, n, rest, weights

    def terms(self, p):
        """For each l: c, with 2 c for both of a pair, z, and 1 - z."""
        if p == 1:
            # The power series in q, of which the first term is all that is left.
            p = 1 - flint.arb(10) ** -40
        k = self.k
        root = (-p).log1p() / k
        s, missing = root.exp(), -root.expm1()
        for l in range(k // 2 + 1):
            unit = (flint.acb(0, 2) * flint.arb.pi() * l / k).exp() if l else flint.acb(1)
            z, rest = s * unit, missing + s * (1 - unit)
            twice = 1 if l == 0 or 2 * l == k else 2
            yield twice * p / ((1 - p) * k) * z / rest, z, rest

    def kept(self, p, t):
        """E[q^W], the chance that no purchase up to t was the last."""
        n, y = flint.arb(self.n), flint.arb(t) / flint.arb(self.rest)
        total = flint.arb(0)
        for c, z, rest in self.terms(p):
            base = 1 + rest * y
            total += (c * (-n * base.log()).exp() * self.polynomial(z / base)).real
        return total

    def polynomial(self, at):
        value = flint.acb(0)
        for weight in reversed(self.weights):
            value = value * at + flint.arb(weight)
        return value

    def purchases(self, p, t):
        """E[min(W, K)] = E[1 - q^W] / p, for the K-th purchase is the last with chance p q^(K - 1)."""
        # With as many digits as the weights have, they do not add up to 1 with those of the ball.
        return (sum(map(flint.arb, self.weights), flint.arb(0)) - self.kept(p, t)) / p

    def discounted(self, p, t, discount):
        """The same, each worth exp(-discount u): by the slope of E[q^W] in u, which for each l is an exponential integral. Only
        of a customer in the first stage."""
        n, rest, delta = flint.arb(self.n), flint.arb(self.rest), flint.arb(discount)
        total = flint.arb(0)
        for c, _, left in self.terms(p):
            scaled = delta * rest / left
            value = scaled_exponential_integral(n + 1, scaled)
            if t != inf:
                t_ = flint.arb(t)
                ends = (-delta * t_ - n * (1 + left * t_ / rest).log()).exp()
                value -= ends * scaled_exponential_integral(n + 1, scaled + delta * t_)
            total += (c * value).real
        return n * total / p


def regular_later(earlier):
    """k, n, rest and weights of Returning, and the dropout after those chances."""
    def later(k, r, alpha, a, b, x, t_x, T):
        terms = stage_terms(k, r + k * x, alpha + T, T - t_x)
        total = ln_sum(terms)
        return k, r + k * x, alpha + T, a, b + x + earlier, [exp(term - total) for term in terms]
    return later


def next_to_0(g, scale):
    return certain(lambda: g(flint.arb(10) ** -45 / flint.arb(scale)))


def regular_expected(k, n, rest, a, b, *more):
    """The mean of Returning.purchases over p ~ Beta(a, b)."""
    mp.dps = 60
    *weights, t = more
    customer = Returning(k, n, rest, *weights)
    scale = (n + k) * t / rest

    def given(p):
        return customer.purchases(p, t)

    return beta_mean(given, next_to_0(given, 1 + scale), scale, a, b)


def regular_mass_and_tail(earlier):
    def given(k, r, alpha, a, b, t, n):
        """P(W = n) and P(W >= n) as sums of the masses of events, whose rate is integrated out."""
        mp.dps = 450
        z = t / (alpha + t)
        term = (alpha / (alpha + t)) ** r
        below = mass = mpf(0)
        for j in range((n + 1) * k):
            if j < n * k:
                below += term
            else:
                mass += term
            term *= (r + j) / (j + 1) * z
        chances, tail = n + earlier, 1 - below
        # P(X >= n) of a customer who passes so many chances; without purchases, all ways of leaving none.
        survives = beta(a, b + chances) / beta(a, b)
        leaves = beta(a + 1, b + chances - 1) / beta(a, b) if chances else mpf(0)
        return survives * mass + leaves * tail, mpf(1) if n == 0 else tail * beta(a, b + chances - 1) / beta(a, b)
    return given


class AliveKernel(Kernel):
    """ln of the density of ln(p / (1 - p)), p ~ Beta(a, b), and of the first of the terms of E[q^W]."""

    def __init__(self, k, r, a, b, y):
        self.k, self.r, self.a, self.b, self.y = k, r, a, b, y

    def ln(self, u):
        missing = -expm1(-log1p(exp(u)) / self.k)
        return self.a * u - (self.a + self.b) * log1p(exp(u)) - self.r * log1p(missing * self.y)

    def slope(self, u):
        p = 1 / (1 + exp(-u))
        root = -log1p(exp(u)) / self.k
        return self.a - (self.a + self.b) * p - self.r * self.y * p / self.k * exp(root) / (1 - expm1(root) * self.y)


def regular_alive(k, r, alpha, a, b, t):
    """The mean of Returning.kept over p, of a new customer."""
    mp.dps = 60
    customer, y = Returning(k, r, alpha), t / alpha
    kernel = AliveKernel(k, r, a, b, y)
    low = -(MEANS.digits + 5) * log(10) - log(1 + a + b + r * y)
    high = (MEANS.digits + 5) * log(10) + log(1 + a + b) + k * log(1 + r)
    found, _, ends = panels(kernel, low, high, MEANS)
    ln_total = ln_beta(a, b)

    def mean():
        a_, b_, total_ = flint.arb(a), flint.arb(b), flint.arb(ln_total)
        rule = [(flint.arb(node), flint.arb(weight)) for node, weight in gauss_legendre(MEANS.degree)]

        def density(u):
            return (a_ * u - (a_ + b_) * u.exp().log1p() - total_).exp()

        value = flint.arb(0)
        for middle, half in found:
            middle, half = flint.arb(middle), flint.arb(half)
            for node, weight in rule:
                u = middle + half * node
                value += weight * half * density(u) * customer.kept(1 / (1 + (-u).exp()), t)
        if ends[0] == low:
            value += density(flint.arb(low)) / a_
        if ends[1] == high:
            value += density(flint.arb(high)) / b_ * customer.kept(flint.arb(1), t)
        return value

    return certain(mean)


class StageKernel(Kernel):
    """ln of the sum over stages of weight, gamma density of y = ln(lambda rest), and phi^(k - j)."""

    def __init__(self, k, n, worth, weights):
        self.k, self.n, self.worth = k, n, worth
        self.weights = [(j, log(weight) - loggamma(n + j)) for j, weight in enumerate(weights) if weight > mpf(10) ** -30]

    def ln(self, y):
        far = log(self.worth + exp(y))
        return (self.n + self.k) * y - exp(y) + ln_sum([weight - (self.k - j) * far for j, weight in self.weights])

    def slope(self, y):
        far = log(self.worth + exp(y))
        terms = [weight + j * far for j, weight in self.weights]
        total = ln_sum(terms)
        stage = mp.fsum(j * exp(term - total) for (j, _), term in zip(self.weights, terms))
        return self.n + self.k - exp(y) - (self.k - stage) * exp(y - far)


def floating(value):
    """Of gmpy2, which is quick, with as many bits as are set there."""
    _, man, exponent, _ = mpf(value)._mpf_
    number = gmpy2.mul_2exp(gmpy2.mpfr(man), exponent) if exponent >= 0 else gmpy2.div_2exp(gmpy2.mpfr(man), -exponent)
    return -number if value < 0 else number


def beta_points(scale, a, b):
    """Points p and weights as beta_mean takes, for a positive function that falls as it says."""
    low = -(DISCOUNTED.digits + 5) * log(10) - log(1 + a + b + scale)
    high = (DISCOUNTED.digits + 5) * log(10) + log(1 + a + b)
    kernel = Kernel(a, [(mpf(1), a + b)])
    found, top, ends = panels(kernel, low, high, DISCOUNTED, log(1 + scale))
    points = []
    for middle, half in found:
        for node, weight in gauss_legendre(DISCOUNTED.degree):
            u = middle + half * node
            points.append((1 / (1 + exp(-u)), half * weight * exp(kernel.ln(u) - top)))
    if ends[0] == low:
        points.append((mpf(0), exp(kernel.ln(low) - top) / a))
    if ends[1] == high:
        points.append((mpf(1), exp(kernel.ln(high) - top) / b))
    total = mp.fsum(weight for _, weight in points)
    return [(floating(p), floating(weight / total)) for p, weight in points]


def regular_discounted(k, n, rest, a, b, *more):
    """In (0, t] the mean of Returning.discounted over p. Forever the mean over p and lambda of phi^(k - j) / (1 - q phi^k), phi
    = lambda/(lambda + discount) being what an event is worth at the one before: over y = ln(lambda rest)."""
    mp.dps = 60
    *weights, t, discount = more
    if t != inf:
        customer = Returning(k, n, rest)
        scale = (n + k) / rest * min(t, 1 / discount)

        def given(p):
            return customer.discounted(p, t, discount)

        return beta_mean(given, next_to_0(given, 1 + scale), scale, a, b, DISCOUNTED)
    gmpy2.get_context().precision = 110
    mp.dps = 45
    weights = weights[0] if weights else [mpf(1)]
    worth = discount * rest
    most = 1 + (n + k + 100) / worth
    dropout = beta_points(most, a, b)
    found, top, _ = panels(kernel := StageKernel(k, n, worth, weights), -inf, inf, DISCOUNTED, log(most))
    total = mpf(0)
    for middle, half in found:
        for node, share in gauss_legendre(DISCOUNTED.degree):
            y = middle + half * node
            ln_phi = -k * log1p(worth * exp(-y))
            lost, kept = floating(-expm1(ln_phi)), floating(exp(ln_phi))
            # All terms are positive.
            mean = sum(chance / (lost + p * kept) for p, chance in dropout)
            total += half * share * exp(kernel.ln(y) - top) * mpf(mean)
    return total * exp(top)


# Pareto/CNBD-k, of which the first parameter is k

def stage_shares(k, n, rest, gap):
    """The terms of stage_terms, over the first of them."""
    term, part = mpf(1), gap / rest
    for j in range(k):
        yield term
        term *= (n + j) / (j + 1) * part


def pareto_stages(k, r, alpha, s, beta, x, t_x, T, rule):
    """As pareto_alive_odds, with the sum over stages as a further factor of everything: of each time the shares of stages."""
    n = r + k * x
    last = list(stage_shares(k, n, alpha + T, T - t_x))
    parts = pareto_alive_odds(r, alpha, s, beta, k * x, t_x, T, rule, log(mp.fsum(last)))
    stages = [list(stage_shares(k, n, alpha + u, u - t_x)) for u in parts[2]]
    return *parts, stages, last


def pareto_regular_p_alive(*point):
    alive, unit, _, weights, stages, last = pareto_stages(*point, VALUES)
    left = mp.fsum(weight * mp.fsum(shares) for weight, shares in zip(weights, stages))
    return 1 / (1 + exp(unit - alive) * left / mp.fsum(last))


def pareto_regular_history(exact, x, t_x, T):
    """In stage j there were k x + j events."""
    mp.dps = 110
    k, *theta = exact
    alive, unit, times, weights, stages, last = pareto_stages(*exact, x, t_x, T, DERIVATIVES)
    top = max(alive, unit)
    weights = [exp(unit - top) * weight for weight in weights] + [exp(alive - top)]
    cells = [(k * x + j, u, int(u != T), weight * share)
             for u, weight, shares in zip(times + [T], weights, stages + [last]) for j, share in enumerate(shares)]
    return silence_derivatives(theta, top, k * x, *zip(*cells))


def pareto_regular_later(k, r, alpha, s, beta, x, t_x, T):
    """k, n, rest, dropout and weights of who is alive."""
    terms = stage_terms(k, r + k * x, alpha + T, T - t_x)
    total = ln_sum(terms)
    return k, r + k * x, alpha + T, s, beta + T, [exp(term - total) for term in terms]


class PurchaseRate:
    """Purchases a time unit of a customer who does not leave, in stage j with weight w_j at first, and there with lambda ~
    Gamma(n + j, rest), by the roots of unity. With N events in the time u the next event is a purchase if (N + j + 1) mod k is 0,
    so that, with c = 1 - exp(2 pi i l/k), the rate is the

        sum over l < k, j of w_j exp(2 pi i l (j + 1)/k) E[lambda/k exp(-lambda c u)].

    In ball arithmetic, with as many bits as it takes.
    """

    def __init__(self, k, n, rest, weights):
        self.k, self.n, self.rest, self.weights, self.bits = k, n, rest, weights, 200

    def constant(self):
        """The first of the terms, which is all that is left in the end."""
        return mp.fsum(weight * (self.n + j) for j, weight in enumerate(self.weights)) / (self.k * self.rest)

    def waves_end(self, digits):
        """Where all other terms are nothing beside it: |1 + c u/rest|^(n + 1) has so many digits for l = 1."""
        angle = 2 * mp.pi / self.k
        c = mp.mpc(1 - mp.cos(angle), -mp.sin(angle))
        size = expm1(2 * digits * log(10) / (self.n + 1))
        # |1 + c y|^2 = 1 + 2 Re(c) y + |c|^2 y^2
        return self.rest * size / (c.real + mp.sqrt(c.real ** 2 + abs(c) ** 2 * size))

    def at(self, u):
        while True:
            flint.ctx.prec = self.bits
            value = self.sum(flint.arb(u))
            if value.rel_accuracy_bits() > 90:
                return value
            self.bits += self.bits // 2

    def sum(self, u):
        n, rest, k = flint.arb(self.n), flint.arb(self.rest), self.k
        weights = [flint.arb(weight) * (n + j) for j, weight in enumerate(self.weights)]
        y, total = u / rest, flint.arb(0)
        for l in range(k // 2 + 1):
            unit = (flint.acb(0, 2) * flint.arb.pi() * l / k).exp() if l else flint.acb(1)
            base = 1 + (1 - unit) * y
            z, value = unit / base, flint.acb(0)
            for weight in reversed(weights):
                value = value * z + weight
            twice = 1 if l == 0 or 2 * l == k else 2
            total += twice * (value * unit * (-(n + 1) * base.log()).exp()).real
        return total / (k * rest)


def pareto_regular_purchases(k, n, rest, s, beta, *more):
    """Integral of exp(-discount u) (beta / (beta + u))^s times the rate of purchases from 0 to t. As long as there are waves, by
    panels in u: all singularities lie at or left of -min(beta, rest/2)."""
    mp.dps = 60
    *weights, t, discount = more
    weights = weights[0] if weights else [mpf(1)]
    rate = PurchaseRate(k, n, rest, weights)
    end = min(t, rate.waves_end(30))
    nearest = min(beta, rest / 2)
    rule = [(flint.arb(node), flint.arb(weight)) for node, weight in gauss_legendre(MEANS.degree)]

    def worth(u):
        return (-flint.arb(discount) * u - flint.arb(s) * (u / flint.arb(beta)).log1p()).exp()

    def rest_at_most(u):
        """Of the integral of worth from u on, over worth(u)."""
        by_dropout = (beta + u) / (s - 1) if s > 1 else inf
        return min(t - u, by_dropout, 1 / discount if discount else inf)

    total, u = flint.arb(0), mpf(0)
    fastest = rate.constant() * k
    while u < end:
        steep = ((n + k) / (u + rest / 2) + s / (beta + u) + discount) / MEANS.steep
        stop = min(end, u + 1 / (1 / (u + nearest) + steep))
        middle, half = flint.arb((u + stop) / 2), flint.arb((stop - u) / 2)
        for node, weight in rule:
            at = middle + half * node
            total += weight * half * worth(at) * rate.at(at.mid())
        u = stop
        if flint.arb(fastest * rest_at_most(u)) * worth(flint.arb(u)) < total * flint.arb(10) ** -MEANS.digits:
            return number(total)
    value = number(total)
    if end == t:
        return value
    mp.dps = 60
    K, high = discount * beta, inf if t == inf else log1p(t / beta)
    return value + rate.constant() * beta * exp(K + ln_integral(Kernel(1 - s, K=K), log1p(end / beta), high))


def pareto_regular_expected(*point):
    return pareto_regular_purchases(*point, mpf(0))


def pareto_regular_mass_and_tail(k, r, alpha, s, beta, t, n):
    """n purchases are n k to n k + k - 1 events before the dropout."""
    parts = [pareto_mass_and_tail(r, alpha, s, beta, t, n * k + i) for i in range(k)]
    return mp.fsum(mass for mass, _ in parts), parts[0][1]


def pareto_regular_alive_and_ever(k, r, alpha, s, beta, t):
    """P(alive), and that of the k-th event before the dropout: over y = ln u, from where nothing but the powers is left as one
    lump."""
    mp.dps = 60
    kernel = Kernel(mpf(k), [(alpha, r + k), (beta, s)])
    far = log((r + k) * alpha + s * beta) + 30 * log(10)
    parts = [ln_integral(kernel, -inf, far), kernel.ln(far) - log(r + s)]
    ever = loggamma(r + k) - loggamma(r) - loggamma(k) + r * log(alpha) + s * log(beta) + ln_sum(parts)
    return exp(-s * log1p(t / beta)), exp(ever)


# BG/BB

def bg_bb_parts(alpha, beta, gamma, delta, x, t_x, n):
    """Terms of the likelihood times both beta functions: alive at n, left after t_x + i."""
    alive = exp(ln_beta(alpha + x, beta + n - x) + ln_beta(gamma, delta + n))
    left = []
    if t_x < n:
        term = exp(ln_beta(alpha + x, beta + t_x - x) + ln_beta(gamma + 1, delta + t_x))
        for i in range(t_x, n):
            left.append(term)
            term *= (beta + i - x) / (alpha + beta + i) * (delta + i) / (gamma + 1 + delta + i)
    return alive, mp.fsum(left)


def bg_bb_ln_likelihood(theta, x, t_x, n):
    alpha, beta, gamma, delta = (exp(value) for value in theta)
    alive, left = bg_bb_parts(alpha, beta, gamma, delta, x, int(t_x), int(n))
    return log(alive + left) - ln_beta(alpha, beta) - ln_beta(gamma, delta)


def bg_bb_p_alive(alpha, beta, gamma, delta, x, t_x, n):
    alive, left = bg_bb_parts(alpha, beta, gamma, delta, x, int(t_x), int(n))
    return alive / (alive + left)


def bg_bb_purchases(alpha, beta, gamma, delta, t, discount):
    """Sum over opportunities i of the chance of being alive there and buying, worth exp(-discount i)."""
    mp.dps = 60
    factor, term, total = exp(-discount), alpha / (alpha + beta), mpf(0)
    for i in range(1, int(t) + 1):
        term *= factor * (delta + i - 1) / (gamma + delta + i - 1)
        total += term
    return total


def bg_bb_expected(alpha, beta, gamma, delta, t):
    return bg_bb_purchases(alpha, beta, gamma, delta, t, mpf(0))


def bg_bb_discounted(alpha, beta, gamma, delta, t, discount):
    """Forever, the sum over opportunities of ((1 - q) exp(-discount))^i is taken first, then the mean over q."""
    if t != inf:
        return bg_bb_purchases(alpha, beta, gamma, delta, t, discount)
    mp.dps = 60
    odds = expm1(discount)
    bought = alpha / (alpha + beta) * delta / (gamma + delta)
    return bought * beta_mean(lambda q: 1 / (flint.arb(odds) + q), 1 / odds, 1 / odds, gamma, delta + 1)


def bg_bb_mass_and_tail(alpha, beta, gamma, delta, t, n):
    """By the time of dropout, and by the opportunity k of the n-th purchase."""
    mp.dps = 60
    t = int(t)
    both = exp(ln_beta(alpha, beta) + ln_beta(gamma, delta))
    mass = binomial(t, n) * exp(ln_beta(alpha + n, beta + t - n) + ln_beta(gamma, delta + t))
    term = exp(ln_beta(alpha + n, beta) + ln_beta(gamma + 1, delta + n))
    for i in range(n, t):
        mass += term
        term *= mpf(i + 1) / (i + 1 - n) * (beta + i - n) / (alpha + beta + i) * (delta + i) / (gamma + 1 + delta + i)
    if n == 0:
        return mass / both, mpf(1)
    tail = mpf(0)
    term = exp(ln_beta(alpha + n, beta) + ln_beta(gamma, delta + n))
    for k in range(n, t + 1):
        tail += term
        term *= mpf(k) / (k + 1 - n) * (beta + k - n) / (alpha + beta + k) * (delta + k) / (gamma + delta + k)
    return mass / both, tail / both


def bg_bb_alive_and_ever(alpha, beta, gamma, delta, t):
    """With y = (1 - q)/q the odds of staying, E[y alpha/(alpha + beta) 2F1(1, alpha + 1; alpha + beta + 1; -y)], by the trapezoidal
    rule over ln y, whose step is a small part of the width of the density and of the distance of the poles, pi."""
    mp.dps = 60
    alive = exp(ln_beta(gamma, delta + int(t)) - ln_beta(gamma, delta))
    step = min(mpf("0.1"), mpf("0.3") * mp.sqrt(1 / gamma + 1 / delta))
    mode = log(delta / gamma)

    def ever():
        al, be, ga, de, h = (flint.arb(value) for value in (alpha, beta, gamma, delta, step))

        def ln_weight(u):
            return de * u - (ga + de) * u.exp().log1p()

        top = ln_weight(flint.arb(mode))
        total, mean = flint.arb(0), flint.arb(0)
        for direction in 1, -1:
            k = 0 if direction == 1 else 1
            while True:
                u = flint.arb(mode) + direction * k * h
                weight, y = (ln_weight(u) - top).exp(), u.exp()
                term = weight * y * al / (al + be) * (-y).hypgeom_2f1(flint.arb(1), al + 1, al + be + 1)
                total, mean, k = total + weight, mean + term, k + 1
                if term.rel_accuracy_bits() < 90:
                    # More bits, please.
                    return term
                if weight < 1e-27 * total and term < 1e-27 * mean:
                    break
        return mean / total

    return alive, certain(ever)


# Models of purchases over time: how points are drawn, and what is computed. `later` gives the parameters of the customer
# who is alive after (x, t_x, T); `active` is for such a customer what `expected` and `discounted` are for a new one.

Model = collections.namedtuple(
    "Model", "names draw history horizon time_and_count ln_likelihood p_alive expected mass_and_tail discounted later active")

MODELS = {
    "pareto-nbd": Model(
        "r alpha s beta".split(), pareto_parameters, history, horizon, time_and_count, None, pareto_p_alive,
        pareto_expected, pareto_mass_and_tail, pareto_discounted,
        lambda r, alpha, s, beta, x, _, T: (r + x, alpha + T, s, beta + T), (pareto_expected, pareto_discounted)),
    "mbg-nbd": Model(
        "r alpha a b".split(), bg_nbd_parameters, history, horizon, time_and_count, mbg_nbd_ln_likelihood, mbg_nbd_p_alive,
        if_active_at_0(expected_if_active), mbg_nbd_mass_and_tail, if_active_at_0(bg_nbd_discounted),
        lambda r, alpha, a, b, x, _, T: (r + x, alpha + T, a, b + x + 1), (expected_if_active, bg_nbd_discounted)),
    "nbd": Model(
        "r alpha".split(), lambda rng: parameters(rng, 2), history, horizon, time_and_count, nbd_ln_likelihood,
        lambda *_: mpf(1), lambda r, alpha, t: r * t / alpha, nbd_mass_and_tail, nbd_discounted,
        lambda r, alpha, x, _, T: (r + x, alpha + T), (lambda r, alpha, t: r * t / alpha, nbd_discounted)),
    "bg-bb": Model(
        "alpha beta gamma delta".split(), lambda rng: parameters(rng, 4), whole_history, opportunities, whole_time_and_count,
        bg_bb_ln_likelihood, bg_bb_p_alive, bg_bb_expected, bg_bb_mass_and_tail, bg_bb_discounted,
        lambda alpha, beta, gamma, delta, x, _, n: (alpha + x, beta + n - x, gamma, delta + n),
        (bg_bb_expected, bg_bb_discounted)),
    "bg-nbd": Model(
        "r alpha a b".split(), bg_nbd_parameters, history, horizon, time_and_count, bg_nbd_ln_likelihood, bg_nbd_p_alive,
        bg_nbd_expected, bg_nbd_mass_and_tail, bg_nbd_discounted,
        lambda r, alpha, a, b, x, _, T: (r + x, alpha + T, a, b + x), (bg_nbd_expected, bg_nbd_discounted)),
    "bg-cnbd": Model(
        "r alpha a b".split(), stages_and_parameters, history, horizon, time_and_purchases, regular_ln_likelihood(0),
        regular_p_alive(0), regular_expected, regular_mass_and_tail(0), regular_discounted,
        regular_later(0), (regular_expected, regular_discounted)),
    "mbg-cnbd": Model(
        "r alpha a b".split(), stages_and_parameters, history, horizon, time_and_purchases, regular_ln_likelihood(1),
        regular_p_alive(1), if_active_at_first(regular_expected), regular_mass_and_tail(1),
        if_active_at_first(regular_discounted), regular_later(1), (regular_expected, regular_discounted)),
    "pareto-cnbd": Model(
        "r alpha s beta".split(), stages_and_pareto_parameters, history, horizon, time_and_purchases, None,
        pareto_regular_p_alive, pareto_regular_expected, pareto_regular_mass_and_tail, pareto_regular_purchases,
        pareto_regular_later, (pareto_regular_expected, pareto_regular_purchases)),
}

# Those whose first parameter is a number of stages.
REGULAR = ("bg-cnbd", "mbg-cnbd", "pareto-cnbd")


# Rows: inputs and values

def exactly(drawn):
    """Numbers of stages stay whole."""
    return [value if isinstance(value, int) else mpf(value) for value in drawn]


def history_row(name, index):
    rng, model = generator(name, "history", index), MODELS[name]
    drawn = model.draw(rng)
    x, t_x, T = model.history(rng)
    mp.dps = 130
    exact = exactly(drawn)
    if name == "pareto-nbd":
        values = pareto_history(exact, x, mpf(t_x), mpf(T))
    elif name == "pareto-cnbd":
        values = pareto_regular_history(exact, x, mpf(t_x), mpf(T))
    elif name in REGULAR:
        k, *theta = exact[0], *(log(value) for value in exact[1:])
        values = differences(lambda theta: model.ln_likelihood(theta, k, x, mpf(t_x), mpf(T)), theta)
        values.append(model.p_alive(*exact, x, mpf(t_x), mpf(T)))
    else:
        theta = [log(value) for value in exact]
        values = differences(lambda theta: model.ln_likelihood(theta, x, mpf(t_x), mpf(T)), theta)
        values.append(model.p_alive(*exact, x, mpf(t_x), mpf(T)))
    return [*drawn, x, t_x, T], values


def future_row(name, index):
    rng, model = generator(name, "future", index), MODELS[name]
    drawn = model.draw(rng)
    x, t_x, T = model.history(rng)
    t = model.horizon(rng)
    mp.dps = 60
    exact = exactly(drawn)
    new = model.expected(*exact, mpf(t))
    mp.dps = 60
    alive = model.p_alive(*exact, x, mpf(t_x), mpf(T))
    later = model.active[0](*model.later(*exact, x, mpf(t_x), mpf(T)), mpf(t))
    return [*drawn, x, t_x, T, t], [new, alive * later]


def mass_row(name, index):
    rng, model = generator(name, "mass", index), MODELS[name]
    drawn = model.draw(rng)
    t, n = model.time_and_count(rng, *drawn)
    mp.dps = 450
    return [*drawn, t, n], model.mass_and_tail(*exactly([*drawn, t]), n)


def discount_row(name, index):
    rng, model = generator(name, "discount", index), MODELS[name]
    drawn = model.draw(rng)
    x, t_x, T = model.history(rng)
    t = opportunities(rng) if name == "bg-bb" else log_uniform(rng, -3, 4)
    discount = log_uniform(rng, -4, -1) if rng.random() < 0.8 else log_uniform(rng, -6, 0)
    mp.dps = 60
    exact = exactly(drawn)
    alive = model.p_alive(*exact, x, mpf(t_x), mpf(T))
    later = model.later(*exact, x, mpf(t_x), mpf(T))
    values = [model.discounted(*exact, mpf(t), mpf(discount)), model.discounted(*exact, inf, mpf(discount))]
    # Of customers who have certainly left, what is slow to compute is nothing.
    gone = name in ("bg-cnbd", "mbg-cnbd") and alive < mpf(10) ** -400
    values.append(mpf(0) if gone else alive * model.active[1](*later, inf, mpf(discount)))
    return [*drawn, x, t_x, T, t, discount], values


def alive_row(name, index):
    rng, model = generator(name, "alive", index), MODELS[name]
    if name in REGULAR:
        drawn = model.draw(rng)
    else:
        # Where the hypergeometric functions can be had: shapes up to a thousand, and not too small.
        drawn = [log_uniform(rng, -1.3, 3) if name == "bg-bb" or i != 1 and name != "pareto-nbd" else value
                 for i, value in enumerate(parameters(rng, len(model.names)))]
    t = opportunities(rng) if name == "bg-bb" else horizon(rng)
    mp.dps = 60
    return [*drawn, t], ALIVE[name](*exactly([*drawn, t]))


ALIVE = {
    "pareto-nbd": pareto_alive_and_ever,
    "pareto-cnbd": pareto_regular_alive_and_ever,
    "mbg-nbd": lambda r, alpha, a, b, t: (b / (a + b) * bg_nbd_alive(r, alpha, a, b + 1, t), b / (a + b)),
    "nbd": lambda r, alpha, t: (mpf(1), mpf(1)),
    "bg-bb": bg_bb_alive_and_ever,
    "bg-nbd": lambda r, alpha, a, b, t: (bg_nbd_alive(r, alpha, a, b, t), mpf(1)),
    "bg-cnbd": lambda *point: (regular_alive(*point), mpf(1)),
    "mbg-cnbd": lambda k, r, alpha, a, b, t: (b / (a + b) * regular_alive(k, r, alpha, a, b + 1, t), b / (a + b)),
}


def ln_density(theta, x, m):
    """GG13 equation 1a, in the logarithms of the parameters."""
    p, q, g = (exp(value) for value in theta)
    return (loggamma(p * x + q) - loggamma(p * x) - loggamma(q) + q * log(g) + (p * x - 1) * log(m) + p * x * log(x)
            - (p * x + q) * log(g + x * m))


def spend_row(name, index):
    rng = generator(name, "spend", index)
    p, q, g = parameters(rng, 3)
    x = int(10 ** rng.uniform(0, 5))
    m = p * g / q * 10 ** rng.uniform(-2, 2) if rng.random() < 0.7 else log_uniform(rng, -6, 9)
    mp.dps = 130
    theta = [log(mpf(value)) for value in (p, q, g)]
    values = differences(lambda theta: ln_density(theta, mpf(x), mpf(m)), theta)
    p_, q_, g_, m_ = (mpf(value) for value in (p, q, g, m))
    # Undefined where the mean is infinite.
    values.append(p_ * (g_ + x * m_) / (p_ * x + q_ - 1) if p_ * x + q_ > 1 else mpf(0))
    return [p, q, g, x, m], values


def lifetime_row(name, index):
    """P(T = t) = B(alpha + 1, beta + t - 1) / B(alpha, beta), S(t) = B(alpha, beta + t) / B(alpha, beta)."""
    rng = generator(name, "lifetime", index)
    drawn = parameters(rng, 2)
    t = opportunities(rng)
    mp.dps = 130
    theta = [log(mpf(value)) for value in drawn]
    ends = differences(lambda theta: ln_beta(exp(theta[0]) + 1, exp(theta[1]) + t - 1) - ln_beta(*map(exp, theta)), theta)
    lasts = differences(lambda theta: ln_beta(exp(theta[0]), exp(theta[1]) + t) - ln_beta(*map(exp, theta)), theta)
    return [*drawn, t], ends + lasts


def residual_row(name, index):
    """With alpha, beta + n in place of alpha, beta, the sum over t first, then the mean over the chance of leaving."""
    rng = generator(name, "residual", index)
    drawn = parameters(rng, 2)
    n = rng.randint(0, 50)
    d = log_uniform(rng, -2, 0)
    return [*drawn, n, d], [residual(*(mpf(value) for value in drawn), n, mpf(d))]


def residual(alpha, beta, n, d):
    mp.dps = 60
    renews = (beta + n) / (alpha + beta + n)
    mean = (1 + d) * beta_mean(lambda q: 1 / (flint.arb(d) + q), 1 / d, 1 / d, alpha, beta + n + 1)
    return renews * mean


def square(names):
    return [f"{a}_{b}" for i, a in enumerate(names) for b in names[i:]]


def derivatives(value, names, mark=""):
    return [value] + [f"{mark}d_{name}" for name in names] + [mark + pair for pair in square(names)]


Grid = collections.namedtuple("Grid", "row inputs values points")


def timing_grids(name):
    names = MODELS[name].names
    given = ["k"] * (name in REGULAR) + names
    customer = given + ["x", "t_x", "T"]
    points = {"bg-nbd": 5200, "bg-cnbd": 1000, "mbg-cnbd": 1000, "pareto-cnbd": 400}.get(name, 2000)
    # Where complex powers and the exponential integral make it slow, fewer.
    slow = 400 if name in REGULAR else points
    slowest = 200 if name in ("bg-cnbd", "mbg-cnbd") else 400 if name in REGULAR else 1000 if name in ("bg-nbd", "mbg-nbd") else 2000
    return {
        "history": Grid(history_row, customer, derivatives("ln_likelihood", names) + ["p_alive"], points),
        "future": Grid(future_row, customer + ["t"], ["expected_new", "expected"], slow),
        "mass": Grid(mass_row, given + ["t", "n"], ["mass", "tail"], points),
        "alive": Grid(alive_row, given + ["t"], ["alive", "ever"], min(slow, 1000)),
        "discount": Grid(discount_row, customer + ["t", "discount"], ["det_new", "dert_new", "dert"], slowest),
    }


GRIDS = {(name, kind): grid for name in MODELS for kind, grid in timing_grids(name).items()} | {
    ("gamma-gamma", "spend"): Grid(spend_row, "p q gamma x m".split(),
                                   derivatives("ln_density", ["p", "q", "gamma"]) + ["expected_spend"], 5200),
    ("sbg", "lifetime"): Grid(lifetime_row, "alpha beta t".split(),
                              derivatives("ln_mass", ["alpha", "beta"], "mass_")
                              + derivatives("ln_survival", ["alpha", "beta"], "survival_"), 2000),
    ("sbg", "residual"): Grid(residual_row, "alpha beta n d".split(), ["derl"], 2000),
}


def line(job):
    (name, kind), index = job
    inputs, values = GRIDS[name, kind].row(name, index)
    return ",".join([repr(value) for value in inputs] + [mp.nstr(value, 20, min_fixed=0, max_fixed=0) for value in values])


def main(wanted):
    for (name, kind), grid in GRIDS.items():
        if wanted and f"{name}-{kind}" not in wanted:
            continue
        with multiprocessing.Pool() as pool:
            lines = pool.map(line, [((name, kind), index) for index in range(grid.points)], chunksize=20)
        text = "\n".join([",".join(grid.inputs + grid.values), *lines]) + "\n"
        with open(HERE / f"{name}-{kind}.csv.gz", "wb") as file:
            # No name and no time in the header: the same bytes whenever it is run.
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                packed.write(text.encode())
        print(f"{name}-{kind}", grid.points, "points", flush=True)


# (k, r, alpha, a, b), (x, t_x, T), t, discount, n
CHECKED = [
    ((2, 0.359, 1.13, 0.523, 2.785), (3, 20.5, 52.0), 9.0, 0.3, 2),
    ((2, 2.5, 3.0, 1.0, 0.7), (0, 0.0, 30.0), 10.0, 0.5, 0),
    ((3, 0.5, 2.0, 0.3, 0.6), (3, 12.0, 14.0), 10.0, 0.5, 1),
    ((7, 40.0, 25.0, 1.2, 3.0), (11, 50.0, 52.0), 26.0, 0.5, 4),
    ((12, 4.5, 0.3, 0.7, 5.0), (2, 3.0, 10.0), 3.0, 0.8, 1),
]

# (k, r, alpha, s, beta), likewise
PARETO_CHECKED = [
    ((2, 1.06518, 3.03521, 0.4042, 3.65611), (3, 20.5, 52.0), 39.0, 0.3, 2),
    ((2, 2.5, 3.0, 1.0, 0.7), (0, 0.0, 30.0), 10.0, 0.5, 0),
    ((3, 0.5, 2.0, 2.3, 20.0), (3, 12.0, 14.0), 10.0, 0.5, 1),
    ((7, 40.0, 25.0, 1.2, 30.0), (11, 50.0, 52.0), 26.0, 0.5, 4),
    ((12, 4.5, 0.3, 0.7, 5.0), (2, 3.0, 10.0), 3.0, 0.8, 1),
]


def check():
    """What the grid takes from identities, from its definition: all of it given lambda, and then by quadrature over lambda."""
    for (k, *parameters_), (x, t_x, T), t, discount, n in CHECKED:
        for name, earlier in zip(REGULAR, (0, 1)):
            for what, error in errors_of_identities(MODELS[name], earlier, k, *parameters_, x, t_x, T, t, discount, n):
                print(f"{name}-{k} {what:<14} {mp.nstr(error, 2)}", flush=True)
                assert error < mpf(10) ** -15, (name, k, what)
    for (k, *parameters_), (x, t_x, T), t, discount, n in PARETO_CHECKED:
        for what, error in errors_of_pareto(k, *parameters_, x, t_x, T, t, discount, n):
            print(f"pareto-cnbd-{k} {what:<14} {mp.nstr(error, 2)}", flush=True)
            assert error < mpf(10) ** -15, ("pareto-cnbd", k, what)


def events(mean, lowest):
    """P(Poisson(mean) >= lowest)"""
    return mp.gammainc(lowest, 0, mean, regularized=True) if lowest > 0 else mpf(1)


def purchases_at(u, k, n, rest, a, b, weights=(mpf(1),)):
    """By the density of the time u of each event, of which the i-th is at u with i/u P(N = i)."""
    total = mpf(0)
    for j, weight in enumerate(weights):
        mass, staying, z = weight * (rest / (rest + u)) ** (n + j), mpf(1), u / (rest + u)
        i = m = 0
        while True:
            mass *= (n + j + i) / (i + 1) * z
            i += 1
            if (i + j) % k == 0:
                term = staying * mass * i / u
                total += term
                staying *= (b + m) / (a + b + m)
                m += 1
                if i > (n + j) * u / rest and term < mpf(10) ** -24 * total:
                    break
    return total


def over_time(f, until, halvings, parts=20):
    """Integral of f up to until."""
    ends = [until * mpf(i) / parts for i in range(1, parts + 1)]
    ends = [mpf(0)] + [ends[0] * mpf(2) ** -i for i in range(halvings, 0, -1)] + ends
    total = mpf(0)
    for low, high in zip(ends, ends[1:]):
        for node, weight in gauss_legendre(4):
            total += (high - low) / 2 * weight * f((low + high) / 2 + (high - low) / 2 * node)
    return total


@functools.cache
def gamma_points(shape, rate):
    points, weights, _ = nodes(Kernel(shape, K=rate), -inf, inf, Rule(4, 1, 10, 28))
    total = mp.fsum(weights)
    return [(exp(y), weight / total) for y, weight in zip(points, weights)]


def over_gamma(f, shape, rate):
    """Mean of f(lambda) over lambda ~ Gamma(shape, rate), over y = ln lambda."""
    return mp.fsum(weight * f(lam) for lam, weight in gamma_points(shape, rate))


def off(value, known):
    return abs(value / known - 1)


def fewer(mean, k):
    """P(Poisson(mean) < k)"""
    return exp(-mean) * mp.fsum(mean ** j / mp.factorial(j) for j in range(k))


def errors_of_identities(model, earlier, k, *point):
    r, alpha, a, b, x, t_x, T, t, discount = map(mpf, point[:-1])
    n, x = point[-1], int(x)
    mp.dps = 30
    chances, gap = x + earlier, T - t_x
    exact = [k, r, alpha, a, b]

    def over_lambda(f, shape, rate):
        """Integral of f(lambda) lambda^(shape - 1) exp(-lambda rate), over y = ln lambda."""
        kernel = Kernel(shape, K=rate)
        points, weights, top = nodes(kernel, -inf, inf, Rule(4, 1, 10, 28))
        return exp(top) * mp.fsum(weight * f(exp(y)) for y, weight in zip(points, weights))

    # P(K >= m) of new customers past an earlier chance, and of those who have stayed at so many.
    @functools.cache
    def stays(m, had):
        return beta(a, b + had + m - 1) / beta(a, b + had)

    def none_in_gap(lam):
        return 1 - events(lam * gap, k)

    def stage(lam, j):
        return exp(-lam * gap) * (lam * gap) ** j / mp.factorial(j)

    density = alpha ** r / mp.gamma(r)
    alive = density * beta(a, b + chances) / beta(a, b) * over_lambda(none_in_gap, r + k * x, alpha + t_x)
    left = (density * beta(a + 1, b + chances - 1) / beta(a, b) * over_lambda(lambda lam: mpf(1), r + k * x, alpha + t_x)
            if chances else mpf(0))

    theta = [log(value) for value in exact[1:]]
    yield "ln L", abs(model.ln_likelihood(theta, k, x, t_x, T) - log(alive + left))
    yield "P(alive)", off(model.p_alive(*exact, x, t_x, T), alive / (alive + left))

    def future(f):
        """Mean of f(lambda, stage) over those who are alive."""
        def both(lam):
            return mp.fsum(stage(lam, j) * f(lam, j) for j in range(k))
        return over_lambda(both, r + k * x, alpha + t_x) / over_lambda(none_in_gap, r + k * x, alpha + t_x)

    def mean_of_events(mean, f):
        """Mean of f(N), N ~ Poisson(mean), for a slow f."""
        term, total, i = exp(-mean), mpf(0), 0
        while i < mean or term > mpf(10) ** -32:
            total += term * f(i)
            i += 1
            term *= mean / i
        return total

    @functools.cache
    def purchases(wanted, had):
        """E[min(W, K)] for W = wanted."""
        return purchases(wanted - 1, had) + stays(wanted, had) if wanted else mpf(0)

    def expected(lam, j):
        return mean_of_events(lam * t, lambda i: purchases((i + j) // k, chances))

    later = model.later(*exact, x, t_x, T)
    value = model.active[0](*later, t)
    mp.dps = 30
    yield "E[Y]", off(value, future(expected))

    def new(f):
        return density * over_lambda(f, r, alpha)

    value = ALIVE["bg-cnbd"](*exact, t)[0]
    mp.dps = 30
    yield "survival", off(value, new(lambda lam: mean_of_events(lam * t, lambda i: stays(i // k + 1, 0))))

    value = model.mass_and_tail(*exact, t, n)
    mp.dps = 30
    survives, leaves = beta(a, b + n + earlier) / beta(a, b), mpf(0)
    if n + earlier:
        leaves = beta(a + 1, b + n + earlier - 1) / beta(a, b)
    known = new(lambda lam: survives * (events(lam * t, n * k) - events(lam * t, n * k + k)) + leaves * events(lam * t, n * k))
    yield "P(n)", off(value[0], known)
    if n:
        yield "P(>= n)", off(value[1], stays(n + earlier, 0) * new(lambda lam: events(lam * t, n * k)))

    def discounted(until, *customer):
        return over_time(lambda u: exp(-discount * u) * purchases_at(u, *customer), until, 28 if k < 4 else 12)

    customer = (k, r, alpha, a, b)
    value = regular_discounted(*customer, t, discount)
    mp.dps = 30
    yield "DET", off(value, discounted(t, *customer))
    value = regular_discounted(*customer, inf, discount)
    finite = regular_discounted(*customer, 60 / discount, discount)
    mp.dps = 30
    yield "DERT", off(value, finite)
    value = regular_discounted(*later, inf, discount)
    mp.dps = 30
    yield "DERT later", off(value, discounted(40 / discount, *later))


def errors_of_pareto(k, *point):
    """Against means over lambda and mu of what they define, with differences of the likelihood, and with sums over events."""
    r, alpha, s, beta_, x, t_x, T, t, discount = map(mpf, point[:-1])
    n, x = point[-1], int(x)
    exact = [k, r, alpha, s, beta_]
    mp.dps = 30

    def silent(u):
        """Mean over lambda of lambda^(k x) exp(-lambda t_x) P(no purchase since)."""
        size = loggamma(r + k * x) - loggamma(r) + r * log(alpha) - (r + k * x) * log(alpha + t_x)
        return exp(size) * over_gamma(lambda lam: fewer(lam * (u - t_x), k), r + k * x, alpha + t_x)

    def over_mu(f):
        return over_gamma(f, s, beta_)

    alive = silent(T) * over_mu(lambda mu: exp(-mu * T))
    left = over_time(lambda v: silent(t_x + v) * over_mu(lambda mu: mu * exp(-mu * (t_x + v))), T - t_x, 3, 4)
    values = pareto_regular_history(exact, x, t_x, T)
    mp.dps = 30
    yield "ln L", abs(values[0] - log(alive + left))
    yield "P(alive)", off(values[-1], alive / (alive + left))
    value = pareto_regular_p_alive(*exact, x, t_x, T)
    yield "P(alive) again", off(value, values[-1])

    def ln_likelihood(theta):
        r, alpha, s, beta = (exp(value) for value in theta)
        alive, unit, _, weights, stages, last = pareto_stages(k, r, alpha, s, beta, x, t_x, T, VALUES)
        left = [log(weight * mp.fsum(shares)) + unit for weight, shares in zip(weights, stages)]
        return (loggamma(r + k * x) - loggamma(r) + r * log(alpha) + s * log(beta)
                + ln_sum([alive + log(mp.fsum(last)), *left]))

    mp.dps = 60
    known = differences(ln_likelihood, [log(value) for value in exact[1:]], mpf(10) ** -9)
    yield "derivatives", max(abs(value - other) for value, other in zip(values, known))

    def purchases(until, worth, k, n, rest, s, beta, weights=(mpf(1),)):
        def rate(u):
            return exp(-worth * u) * (beta / (beta + u)) ** s * purchases_at(u, k, n, rest, mpf(0), mpf(1), weights)
        return over_time(rate, until, 12)

    later = pareto_regular_later(*exact, x, t_x, T)
    for who, customer in ("new", exact), ("later", later):
        value = pareto_regular_expected(*customer, t)
        mp.dps = 30
        yield f"E[Y] {who}", off(value, purchases(t, mpf(0), *customer))
        value = pareto_regular_purchases(*customer, t, discount)
        mp.dps = 30
        yield f"DET {who}", off(value, purchases(t, discount, *customer))
        value = pareto_regular_purchases(*customer, inf, discount)
        mp.dps = 30
        yield f"DERT {who}", off(value, purchases(60 / discount, discount, *customer))

    mass, tail = pareto_regular_mass_and_tail(*exact, t, n)
    _, more = pareto_regular_mass_and_tail(*exact, t, n + 1)
    yield "P(n)", off(mass, tail - more)
    mp.dps = 30

    def so_many(u):
        return over_gamma(lambda lam: 1 - fewer(lam * u, n * k), r, alpha)

    known = over_mu(lambda mu: exp(-mu * t)) * so_many(t) + over_time(
        lambda u: over_mu(lambda mu: mu * exp(-mu * u)) * so_many(u), t, 3, 4)
    yield "P(>= n)", off(tail, known)

    alive, ever = pareto_regular_alive_and_ever(*exact, t)
    mp.dps = 30
    yield "survival", off(alive, over_mu(lambda mu: exp(-mu * t)))
    # The share of lambda in the sum of both, each times its scale, is a beta variate.
    known = beta(r + k, s) / beta(r, s) * (beta_ / alpha) ** s * hyp2f1(s, r + s, r + s + k, 1 - beta_ / alpha)
    yield "ever", off(ever, known)


if __name__ == "__main__":
    if sys.argv[1:] == ["check"]:
        check()
    else:
        main(sys.argv[1:])
