"""Fits of models with covariates, by definitions and Newton's method in many digits, for tests/integration/covariates.rs.

    python3 tests/reference/covariates.py     # takes minutes; needs mpmath

The customers are simulated here, from a seed: a channel (0 or 1) and a number, and by them rates of purchases and of leaving. Likelihoods
are the papers', with gamma and beta functions, and for the Pareto/NBD the integral over the moment of leaving by quadrature; derivatives
are differences in 40 digits.
"""

import random
import sys

from mpmath import mp, mpf, beta, exp, gamma, inf, log, matrix, lu_solve, quad

mp.dps = 40

CUSTOMERS = 90


def customers():
    """(x, t_x, T, channel, age, mean spend) of each, times in whole weeks."""
    rng, spend = random.Random(2007), random.Random(2013)
    rows = []
    for _ in range(CUSTOMERS):
        channel, age = int(rng.random() < 0.4), rng.randrange(20, 71)
        rate = rng.gammavariate(1.2, 1 / 6.0) * 2.718281828 ** (0.6 * channel + 0.01 * (age - 45))
        leave = rng.betavariate(0.8 * 2.718281828 ** (-0.7 * channel), 2.0)
        T, time, times = rng.randrange(30, 61), 0.0, []
        while rng.random() >= leave:
            time += rng.expovariate(rate)
            if time > T:
                break
            times.append(time)
        weeks = sorted({round(t) for t in times if t >= 0.5})
        x = len(weeks)
        nu = spend.gammavariate(4.0, 1 / (20.0 * 2.718281828 ** (0.3 * channel)))
        mean = round(spend.gammavariate(2.0 * x, 1.0) / nu / x, 2) if x else 0
        rows.append((x, weeks[-1] if weeks else 0, T, channel, age, mean))
    return rows


def bg_nbd(p, x, t_x, T):
    r, alpha, a, b = p
    alive = beta(a, b + x) / beta(a, b) * (alpha + T) ** -(r + x)
    left = beta(a + 1, b + x - 1) / beta(a, b) * (alpha + t_x) ** -(r + x) if x > 0 else 0
    return log(gamma(r + x) / gamma(r) * alpha**r * (alive + left))


def mbg_nbd(p, x, t_x, T):
    r, alpha, a, b = p
    alive = beta(a, b + x + 1) / beta(a, b) * (alpha + T) ** -(r + x)
    left = beta(a + 1, b + x) / beta(a, b) * (alpha + t_x) ** -(r + x)
    return log(gamma(r + x) / gamma(r) * alpha**r * (alive + left))


def pareto_nbd(p, x, t_x, T):
    r, alpha, s, b = p
    alive = (alpha + T) ** -(r + x) * (b + T) ** -s
    left = s * quad(lambda u: (alpha + u) ** -(r + x) * (b + u) ** -(s + 1), [t_x, T]) if T > t_x else 0
    return log(gamma(r + x) / gamma(r) * alpha**r * b**s * (alive + left))


def gamma_gamma(p, x, m):
    p, q, g = p
    f = gamma(p * x + q) / gamma(p * x) / gamma(q) * g**q * m ** (p * x - 1) * x ** (p * x)
    return log(f / (g + m * x) ** (p * x + q))


def counted(rows):
    counts = {}
    for row in rows:
        counts[row] = counts.get(row, 0) + 1
    return counts.items()


# (parameter, sign) moved by each coefficient, and the column it multiplies
def total(model, moves, column, size):
    def value(theta):
        sum = mpf(0)
        for row, n in counted([(x, t, T, ch, age) for x, t, T, ch, age, _ in ROWS]):
            logs = list(theta[:size])
            for k, moved in enumerate(moves):
                for parameter, sign in moved:
                    logs[parameter] += sign * theta[size + k] * column[k](row)
            sum += n * model([exp(log) for log in logs], row[0], mpf(row[1]), mpf(row[2]))
        return sum

    return value


def of_spend(column):
    def value(theta):
        sum = mpf(0)
        for x, _, _, ch, age, m in ROWS:
            if x > 0:
                g = theta[2] + theta[3] * column((x, 0, 0, ch, age))
                sum += gamma_gamma([exp(theta[0]), exp(theta[1]), exp(g)], x, mpf(str(m)))
        return sum

    return value


def maximum(f, theta, h=mpf(10) ** -8):
    """Newton's method with differences; the step leaves 16 digits."""
    n = len(theta)
    for iteration in range(30):
        here = f(theta)
        moved = lambda *steps: [t + sum(s for i, s in steps if i == k) for k, t in enumerate(theta)]
        up = [f(moved((i, h))) for i in range(n)]
        down = [f(moved((i, -h))) for i in range(n)]
        gradient = matrix([(u - d) / (2 * h) for u, d in zip(up, down)])
        hessian = matrix(n, n)
        for i in range(n):
            hessian[i, i] = (up[i] - 2 * here + down[i]) / h**2
            for j in range(i):
                cross = f(moved((i, h), (j, h))) - up[i] - up[j] + 2 * here - down[i] - down[j] + f(moved((i, -h), (j, -h)))
                hessian[i, j] = hessian[j, i] = cross / (2 * h**2)
        damping = mpf(0)
        while True:
            damped = hessian.copy()
            for i in range(n):
                damped[i, i] -= damping * abs(hessian[i, i])
            step = lu_solve(damped, -gradient)
            shrink = min(1, 1 / max(abs(s) for s in step))
            there = [t + shrink * s for t, s in zip(theta, step)]
            if max(abs(s) for s in step) < mpf(10) ** -8 or f(there) > here:
                break
            damping = max(4 * damping, mpf("0.01"))
        theta = there
        if max(abs(s) for s in step) < mpf(10) ** -13:
            break
    inverse = (-hessian) ** -1
    return f(theta), theta, [inverse[i, i] ** mpf("0.5") for i in range(n)]


def show(name, f, start, size):
    value, theta, errors = maximum(f, [mpf(t) for t in start])
    numbers = [mp.nstr(exp(t) if i < size else t, 13) for i, t in enumerate(theta)]
    print(name, mp.nstr(value, 16), " ".join(numbers), "| se", " ".join(mp.nstr(e, 8) for e in errors), flush=True)


ROWS = customers()
CHANNEL, AGE = lambda row: row[3], lambda row: mpf(row[4]) - MEAN_AGE
MEAN_AGE = mpf(sum(row[4] for row in ROWS)) / CUSTOMERS

if __name__ == "__main__":
    print(ROWS)
    both = [[(1, -1)], [(1, -1)], [(2, 1)], [(2, 1)]]
    columns = [CHANNEL, AGE, CHANNEL, AGE]
    start = [0, 2.2, 0, 1, 0, 0, 0, 0]
    show("bg-nbd", total(bg_nbd, both, columns, 4), start, 4)
    show("mbg-nbd", total(mbg_nbd, both, columns, 4), start, 4)
    show("bg-nbd equal", total(bg_nbd, [[(1, -1), (2, 1)]], [CHANNEL], 4), start[:5], 4)
    show("gamma-gamma", of_spend(CHANNEL), [1.6, 1.4, 3, 0], 3)
    show("gamma-gamma log(frequency)", of_spend(lambda row: log(mpf(row[0]))), [1.6, 1.4, 3, 0], 3)
    mp.dps = 30
    pareto = [[(1, -1)], [(3, -1)]]
    show("pareto-nbd", total(pareto_nbd, pareto, [CHANNEL, CHANNEL], 4), [0, 2.2, 0, 3, 0, 0], 4)
