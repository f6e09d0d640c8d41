"""One meta-iteration of MAML or SG-MRL on 2-D navigation, vectorised over trajectories and tasks; for pytorch.py.

Shapes: B tasks, N trajectories of at most H steps for each, o = a = 2. The formulas are those of
packages/sgmrl/src: adapt.ts, advantage.ts, feature-baseline.ts, outer.ts, recursion.ts.
"""

import math

import torch


def meta_iteration(estimator, *tensors):
    """theta, layer by layer, ln sigma last; goals [B, 2]; noise of D_1 and of D_o [B, N, H, 2]; alpha, gamma; tasks at once."""
    *theta, goals, noise, outer_noise, (alpha, gamma, at_once) = tensors

    def run():
        total = [torch.zeros_like(block) for block in theta]
        for start in range(0, len(goals), int(at_once)):
            part = slice(start, start + int(at_once))
            share = contribution(estimator, theta, goals[part], noise[part], outer_noise[part], alpha, gamma)
            for sum_, block in zip(total, share):
                sum_ += block / len(goals)
        return [torch.cat([block.reshape(-1) for block in total])]

    return run


def contribution(estimator, theta, goals, noise, outer_noise, alpha, gamma):
    inner = rollout(theta, goals, noise)  # one theta for all tasks
    p = [block.expand(len(goals), *block.shape).clone().requires_grad_() for block in theta]
    log_p = log_probability(p, *inner[:2])
    nu = (inner_weights(*inner, gamma) * log_p).sum()
    step = torch.autograd.grad(nu, p, create_graph=True)
    adapted = [(block + alpha * d).detach().requires_grad_() for block, d in zip(p, step)]

    outer = rollout(adapted, goals, outer_noise)
    weights, mean_return = outer_weights(outer, gamma)
    g = torch.autograd.grad((weights * log_probability(adapted, *outer[:2])).sum(), adapted)

    along = alpha * sum((d * v).sum() for d, v in zip(step, g))
    if estimator == "sgmrl":
        along = along + (mean_return[:, None, None] * inner[3] * log_p).sum()
    return [(v + c).sum(0) for v, c in zip(g, torch.autograd.grad(along, p))]


def mean_action(p, x):
    """[B, rows, 2] -> [B, rows, 2], with parameters of each task, [B, ...], or the same for all."""
    shared = p[-1].dim() == 1
    h = x.reshape(-1, x.shape[2]) if shared else x
    for i in range(0, len(p) - 1, 2):
        z = torch.addmm(p[i + 1], h, p[i]) if shared else torch.baddbmm(p[i + 1][:, None], h, p[i])
        h = z if i + 3 == len(p) else torch.tanh(z)
    return h.reshape(*x.shape[:2], -1)


def log_probability(p, x, a):
    """[B, N, H, 2] -> [B, N, H]"""
    B, N, H, _ = x.shape
    log_std = p[-1][:, None]
    z = (a.reshape(B, N * H, 2) - mean_action(p, x.reshape(B, N * H, 2))) / torch.exp(log_std)
    return (-0.5 * z.square() - (log_std + 0.5 * math.log(2 * math.pi))).sum(2).reshape(B, N, H)


def rollout(p, goals, noise):
    """Observations and actions [B, N, H, 2], rewards [B, N, H], and 1 on steps taken, 0 on padding [B, N, H]."""
    B, N, H, _ = noise.shape
    observations, actions = torch.zeros(B, N, H, 2), torch.zeros(B, N, H, 2)
    rewards, taken = torch.zeros(B, N, H), torch.zeros(B, N, H)
    with torch.no_grad():
        std = torch.exp(p[-1]).reshape(-1, 1, 2)
        s, alive, goal = torch.zeros(B, N, 2), torch.ones(B, N), goals[:, None]
        for h in range(H):
            a = mean_action(p, s) + std * noise[:, :, h]
            observations[:, :, h] = s * alive[..., None]
            actions[:, :, h] = a * alive[..., None]
            taken[:, :, h] = alive
            moved = torch.clamp(s + torch.clamp(a / 100, -0.1, 0.1), -0.5, 0.5)
            s = torch.where(alive[..., None] > 0, moved, s)
            rewards[:, :, h] = -torch.linalg.vector_norm(s - goal, dim=2) * alive
            alive = alive * ((s - goal).abs() >= 0.01).any(2)
    return observations, actions, rewards, taken


def inner_weights(x, a, rewards, taken, gamma):
    """Standardised generalised advantages with lambda = 1 and a fitted baseline, over the number of steps: [B, N, H]."""
    B, N, H = rewards.shape
    tau = (torch.arange(H, dtype=torch.float64) / 100).expand(B, N, H)
    x = x.double().clamp(-10, 10)
    times = torch.stack([tau, tau**2, tau**3, torch.ones_like(tau)], 3)
    phi = (torch.cat([x, x * x, times], 3) * taken[..., None]).reshape(B, N * H, -1)
    y = discounted_sums(rewards.double(), gamma.double()).reshape(B, N * H, 1)
    gram = phi.mT @ phi + 1e-5 * torch.eye(phi.shape[2], dtype=torch.float64)
    w = torch.cholesky_solve(phi.mT @ y, torch.linalg.cholesky(gram))
    A, mask = (y - phi @ w).reshape(B, -1), taken.reshape(B, -1)
    count = mask.sum(1, keepdim=True)
    A = (A - (A * mask).sum(1, keepdim=True) / count) * mask
    std = ((A * A).sum(1, keepdim=True) / count).sqrt()
    return (A / (std + 1e-8) / count).reshape(B, N, H).float()


def outer_weights(outer, gamma):
    """(R^h - the mean of the others) / M [B, N, H], and the mean return [B]."""
    _, _, rewards, taken = outer
    _, M, H = rewards.shape
    discounted = rewards * gamma ** torch.arange(H)
    to_go = discounted.flip(2).cumsum(2).flip(2)
    others = (to_go.sum(1, keepdim=True) - to_go) / (M - 1)
    return (to_go - others) * taken / M, discounted.sum((1, 2)) / M


def discounted_sums(x, gamma):
    sums, total = torch.empty_like(x), torch.zeros_like(x[..., 0])
    for h in range(x.shape[2] - 1, -1, -1):
        total = x[:, :, h] + gamma * total
        sums[:, :, h] = total
    return sums
