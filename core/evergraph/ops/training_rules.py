"""The rules of training steps: from values, a gradient and scalars to new values, by element.

They compute in the order of TensorFlow's CPU kernels, so that values agree to the last bits. The
parameters are the inputs of the ops; the results, the variable and its slots in the same order.

What is most in use adds to its own intermediate results in place: on NumPy, fresh memory of a
megabyte costs more than what is computed in it.
"""

from __future__ import annotations


def gradient_descent(xp, var, alpha, grad):
    step = grad * -alpha
    step += var
    return (step,)


def momentum(xp, var, accum, lr, grad, momentum, *, use_nesterov=False):
    accum = accum * momentum + grad
    step = grad * lr + accum * momentum * lr if use_nesterov else accum * lr
    return var - step, accum


def keras_momentum(xp, var, accum, lr, grad, momentum, *, use_nesterov=False):
    accum = accum * momentum - grad * lr
    step = accum * momentum - grad * lr if use_nesterov else accum
    return var + step, accum


def _moments(m, v, beta1, beta2, grad):
    return _moved(m, grad - m, 1 - beta1), _moved(v, grad * grad - v, 1 - beta2)


def _moved(x, distance, rate):
    """Return `x + distance * rate`, in the memory of `distance`."""
    distance *= rate
    distance += x
    return distance


def adam(
    xp,
    var,
    m,
    v,
    beta1_power,
    beta2_power,
    lr,
    beta1,
    beta2,
    epsilon,
    grad,
    *,
    use_nesterov=False,
):
    alpha = lr * xp.sqrt(1 - beta2_power) / (1 - beta1_power)
    m, v = _moments(m, v, beta1, beta2, grad)
    step = grad * (1 - beta1) + beta1 * m if use_nesterov else m
    return _stepped(xp, var, step * -alpha, v, epsilon), m, v


def _stepped(xp, var, step, v, epsilon):
    """Return `var + step / (sqrt(v) + epsilon)`, in the memory of `step`."""
    scale = xp.sqrt(v)
    scale += epsilon
    step /= scale
    step += var
    return step


def amsgrad(xp, var, m, v, vhat, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad):
    alpha = lr * xp.sqrt(1 - beta2_power) / (1 - beta1_power)
    m, v = _moments(m, v, beta1, beta2, grad)
    vhat = xp.maximum(vhat, v)
    return _stepped(xp, var, m * -alpha, vhat, epsilon), m, v, vhat


def adamax(xp, var, m, v, beta1_power, lr, beta1, beta2, epsilon, grad):
    m = m + (grad - m) * (1 - beta1)
    v = xp.maximum(beta2 * v, xp.abs(grad))
    return var - lr / (1 - beta1_power) * (m / (v + epsilon)), m, v


def adagrad(xp, var, accum, lr, grad, *, update_slots=True):
    if update_slots:
        accum = accum + grad * grad
    return var - grad * lr / xp.sqrt(accum), accum


def adagrad_v2(xp, var, accum, lr, epsilon, grad, *, update_slots=True):
    if update_slots:
        accum = accum + grad * grad
    return var - grad * lr / (xp.sqrt(accum) + epsilon), accum


def adagrad_da(
    xp,
    var,
    gradient_accumulator,
    gradient_squared_accumulator,
    grad,
    lr,
    l1,
    l2,
    global_step,
):
    total = gradient_accumulator + grad
    squared = gradient_squared_accumulator + grad * grad
    step = xp.astype(global_step, var.dtype)
    above = _shrunk(xp, total, step * _at_least_zero(xp, l1))
    return -lr * above / (l2 * (step * lr) + xp.sqrt(squared)), total, squared


def adagrad_da_rows(
    xp,
    var,
    gradient_accumulator,
    gradient_squared_accumulator,
    grad,
    lr,
    l1,
    l2,
    global_step,
):
    if grad.shape[1:] in ((), (1,)):
        # TF: rows of one element are computed as a whole variable is.
        return adagrad_da(
            xp,
            var,
            gradient_accumulator,
            gradient_squared_accumulator,
            grad,
            lr,
            l1,
            l2,
            global_step,
        )
    total = gradient_accumulator + grad
    squared = gradient_squared_accumulator + grad * grad
    step = xp.astype(global_step, var.dtype)
    above = _shrunk(xp, total / step, _at_least_zero(xp, l1))
    return -above / (l2 + xp.sqrt(squared) / (step * lr)), total, squared


def adadelta(xp, var, accum, accum_update, lr, rho, epsilon, grad):
    accum = accum * rho + grad * grad * (1 - rho)
    update = xp.sqrt(accum_update + epsilon) / xp.sqrt(accum + epsilon) * grad
    return var - update * lr, accum, accum_update * rho + update * update * (1 - rho)


def rms_prop(xp, var, ms, mom, lr, rho, momentum, epsilon, grad):
    ms = ms + (grad * grad - ms) * (1 - rho)
    mom = mom * momentum + grad * lr / xp.sqrt(ms + epsilon)
    return var - mom, ms, mom


def rms_prop_rows(xp, var, ms, mom, lr, rho, momentum, epsilon, grad):
    ms = ms * rho + grad * grad * (1 - rho)
    mom = mom * momentum + lr / xp.sqrt(ms + epsilon) * grad
    return var - mom, ms, mom


def centered_rms_prop(xp, var, mg, ms, mom, lr, rho, momentum, epsilon, grad):
    ms = ms + (grad * grad - ms) * (1 - rho)
    mg = mg + (grad - mg) * (1 - rho)
    mom = mom * momentum + grad * lr / xp.sqrt(ms - mg * mg + epsilon)
    return var - mom, mg, ms, mom


def centered_rms_prop_rows(xp, var, mg, ms, mom, lr, rho, momentum, epsilon, grad):
    ms = ms * rho + grad * grad * (1 - rho)
    mg = mg * rho + grad * (1 - rho)
    mom = mom * momentum + lr / xp.sqrt(ms + epsilon - mg * mg) * grad
    return var - mom, mg, ms, mom


def ftrl(xp, var, accum, linear, grad, lr, l1, l2, lr_power, *, multiply_linear_by_lr=False):
    return _ftrl(
        xp, var, accum, linear, grad, grad, lr, l1, l2, lr_power, by_lr=multiply_linear_by_lr
    )


def ftrl_v2(
    xp,
    var,
    accum,
    linear,
    grad,
    lr,
    l1,
    l2,
    l2_shrinkage,
    lr_power,
    *,
    multiply_linear_by_lr=False,
):
    pulled = grad + 2 * l2_shrinkage * var
    return _ftrl(
        xp, var, accum, linear, grad, pulled, lr, l1, l2, lr_power, by_lr=multiply_linear_by_lr
    )


def _ftrl(xp, var, accum, linear, grad, pulled, lr, l1, l2, lr_power, *, by_lr):
    """`pulled` is the gradient with what shrinks the variable; `by_lr`: `linear` is times lr."""
    total = accum + grad * grad
    rate = xp.pow(total, -lr_power)
    change = (rate - xp.pow(accum, -lr_power)) * var
    if by_lr:
        linear = linear + (pulled * lr - change)
        l1 = l1 * lr
        quadratic = rate + 2 * l2 * lr
    else:
        linear = linear + (pulled - change / lr)
        quadratic = rate / lr + 2 * l2
    var = xp.where(
        xp.abs(linear) > l1, (l1 * xp.sign(linear) - linear) / quadratic, xp.zeros_like(var)
    )
    return var, total, linear


def proximal_gradient_descent(xp, var, alpha, l1, l2, grad):
    return (_proximal(xp, var - grad * alpha, alpha, l1, l2),)


def proximal_adagrad(xp, var, accum, lr, l1, l2, grad):
    accum = accum + grad * grad
    rate = lr / xp.sqrt(accum)
    return _proximal(xp, var - grad * rate, rate, l1, l2), accum


def _proximal(xp, var, rate, l1, l2):
    return _shrunk(xp, var, rate * _at_least_zero(xp, l1)) / (1 + l2 * rate)


def _shrunk(xp, x, by):
    """Return x moved towards zero by as much, and not beyond."""
    rest = xp.abs(x) - by
    return xp.sign(x) * xp.maximum(rest, xp.zeros_like(rest))


def _at_least_zero(xp, x):
    return xp.maximum(x, xp.zeros_like(x))


def add_sign(xp, var, m, lr, alpha, sign_decay, beta, grad):
    m = m * beta + grad * (1 - beta)
    agreement = xp.sign(grad) * xp.sign(m)
    return var - lr * (alpha + sign_decay * agreement) * grad, m


def power_sign(xp, var, m, lr, logbase, sign_decay, beta, grad):
    m = m * beta + grad * (1 - beta)
    agreement = xp.sign(grad) * xp.sign(m)
    return var - lr * xp.exp(logbase * sign_decay * agreement) * grad, m
