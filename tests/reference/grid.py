"""Compute the reference grid: every quantity of the models at thousands of points, to 50 digits, with mpmath.

    pip install mpmath gmpy2
    python grid.py [history] [future] [mass] [spend]

Each value comes from the textbook definition (equations of Fader, Hardie & Lee 2005, "FHL05", and of Fader & Hardie 2013,
"GG13"), in which derivatives are central differences at 120 digits, or where a hypergeometric series is out of reach, from
the defining integral. None of the program's own formulas is used. Inputs are written so that they read back to the same
64-bit floats; values with 20 digits. About twenty minutes on two cores; the seeds are fixed.
"""

import gzip
import multiprocessing
import pathlib
import random
import signal
import sys

from mpmath import mp, mpf, beta, exp, expm1, gamma, hyp2f1, inf, log, log1p, loggamma, quad, rf

POINTS = 5200
HERE = pathlib.Path(__file__).parent


# Points

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


# Definitions

def ln_likelihood(theta, x, t_x, T):
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


def p_alive(r, alpha, a, b, x, t_x, T):
    """Fader & Hardie, note 021."""
    if x == 0:
        return mpf(1)
    return 1 / (1 + a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x))


def differences(f, theta):
    """Value, gradient and upper triangle of the Hessian."""
    h = mpf(10) ** -30
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


class OutOfTime(Exception):
    pass


def expected_purchases(r, alpha, a, b, t):
    """FHL05 equation 9; at its poles in a and a + b the limit, from a point 1e-45 away."""
    step = mpf(10) ** -45
    pole = a == 1 or (a + b <= 1 and (a + b) == int(a + b))
    if pole:
        a = a + step
    c = a + b - 1
    z = t / (alpha + t)
    value = c / (a - 1) * (1 - (alpha / (alpha + t)) ** r * hyp2f1(r, b, c, z))
    return value


def expected_purchases_by_integral(r, alpha, a, b, t):
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


def mass_and_tail(r, alpha, a, b, t, n):
    """FHL05 equation 8, and P(X >= n) = P(N >= n) B(a, b + n - 1) / B(a, b)."""
    z = t / (alpha + t)
    term = (alpha / (alpha + t)) ** r
    below = mpf(0)
    for j in range(n):
        below += term
        term *= (r + j) / (j + 1) * z
    survives = beta(a, b + n) / beta(a, b)
    if n == 0:
        return survives * term, mpf(1)
    leaves = beta(a + 1, b + n - 1) / beta(a, b)
    return survives * term + leaves * (1 - below), (1 - below) * (leaves + survives)


def ln_density(theta, x, m):
    """GG13 equation 1a, in the logarithms of the parameters."""
    p, q, g = (exp(value) for value in theta)
    return (loggamma(p * x + q) - loggamma(p * x) - loggamma(q) + q * log(g) + (p * x - 1) * log(m) + p * x * log(x)
            - (p * x + q) * log(g + x * m))


# Rows: inputs and values

def history_row(index):
    rng = random.Random(f"history {index}")
    r, alpha, a, b = parameters(rng, 4)
    a, b = dropout(rng, a, b)
    x, t_x, T = history(rng)
    mp.dps = 130
    theta = [log(mpf(value)) for value in (r, alpha, a, b)]
    values = differences(lambda theta: ln_likelihood(theta, x, mpf(t_x), mpf(T)), theta)
    values.append(p_alive(*(mpf(value) for value in (r, alpha, a, b)), x, mpf(t_x), mpf(T)))
    return [r, alpha, a, b, x, t_x, T], values


def future_row(index):
    rng = random.Random(f"future {index}")
    r, alpha, a, b = parameters(rng, 4)
    a, b = dropout(rng, a, b)
    x, t_x, T = history(rng)
    t = log_uniform(rng, -9, 9) if rng.random() < 0.5 else log_uniform(rng, -1, 3)
    mp.dps = 60
    exact = [mpf(value) for value in (r, alpha, a, b)]
    new = expectation(*exact, mpf(t))
    later = expectation(exact[0] + x, exact[1] + mpf(T), exact[2], exact[3] + x, mpf(t))
    alive = p_alive(*exact, x, mpf(t_x), mpf(T))
    return [r, alpha, a, b, x, t_x, T, t], [new, alive * later]


def expectation(r, alpha, a, b, t):
    def stop(signum, frame):
        raise OutOfTime
    signal.signal(signal.SIGALRM, stop)
    try:
        signal.alarm(2)
        size = r * t / alpha
        # Digits that the difference from 1 costs.
        mp.dps = 120 + int(max(0, -mp.log10(size)))
        value = +expected_purchases(r, alpha, a, b, t)
        signal.alarm(0)
        # A value out of its bounds is a series that lost its digits.
        if isinstance(value, mpf) and 0 < value <= size * (1 + mpf(10) ** -40):
            return value
    except (OutOfTime, ValueError, ZeroDivisionError, OverflowError, mp.NoConvergence):
        pass
    finally:
        signal.alarm(0)
    mp.dps = 55
    return expected_purchases_by_integral(r, alpha, a, b, t)


def mass_row(index):
    rng = random.Random(f"mass {index}")
    r, alpha, a, b = parameters(rng, 4)
    a, b = dropout(rng, a, b)
    n = 0 if rng.random() < 0.1 else int(10 ** rng.uniform(0, 4 if rng.random() < 0.9 else 5))
    # Half of the times such that n is about what is expected.
    t = log_uniform(rng, -9, 9) if rng.random() < 0.5 else float((n + 0.3) * alpha / r * 10 ** rng.uniform(-1, 1))
    t = min(max(t, 1e-9), 1e9)
    mp.dps = 450
    mass, tail = mass_and_tail(*(mpf(value) for value in (r, alpha, a, b, t)), n)
    return [r, alpha, a, b, t, n], [mass, tail]


def spend_row(index):
    rng = random.Random(f"spend {index}")
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


def square(names):
    return [f"{a}_{b}" for i, a in enumerate(names) for b in names[i:]]


GRIDS = {
    "history": (history_row, "r alpha a b x t_x T".split(),
                ["ln_likelihood", "d_r", "d_alpha", "d_a", "d_b"] + square(["r", "alpha", "a", "b"]) + ["p_alive"]),
    "future": (future_row, "r alpha a b x t_x T t".split(), ["expected_new", "expected"]),
    "mass": (mass_row, "r alpha a b t n".split(), ["mass", "tail"]),
    "spend": (spend_row, "p q gamma x m".split(),
              ["ln_density", "d_p", "d_q", "d_gamma"] + square(["p", "q", "gamma"]) + ["expected_spend"]),
}


def line(job):
    name, index = job
    inputs, values = GRIDS[name][0](index)
    return ",".join([repr(value) for value in inputs] + [mp.nstr(value, 20, min_fixed=0, max_fixed=0) for value in values])


def main(names):
    for name in names or GRIDS:
        _, inputs, values = GRIDS[name]
        with multiprocessing.Pool() as pool:
            lines = pool.map(line, [(name, index) for index in range(POINTS)], chunksize=20)
        text = "\n".join([",".join(inputs + values), *lines]) + "\n"
        with open(HERE / f"{name}.csv.gz", "wb") as file:
            # No name and no time in the header: the same bytes whenever it is run.
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                packed.write(text.encode())
        print(name, POINTS, "points", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
