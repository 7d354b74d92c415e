/* The C reference of the benchmark: Adam and AMSGrad on periodic linear losses, Algorithm 1.
 *
 * Compiled on the spot by benchmarks/peers/c.py. Every function does what simulate.run does: it
 * keeps the iterate and the loss paid at evenly spaced records.
 */
#include <math.h>
#include <stdint.h>

static inline double clip(double x, double lower, double upper) {
    x = x < lower ? lower : x;
    return x > upper ? upper : x;
}

/* One square root and one division per step: m / sqrt(v t), the position by counting. */
void tuned(int amsgrad, int64_t steps, int64_t records, const double *period, int64_t P,
           double alpha, double beta1, double beta2, double x, double *x_at, double *loss_at) {
    double m = 0, v = 0, v_hat = 0, loss = 0;
    int64_t j = 0, t = 0;
    for (int64_t k = 1; k <= records; k++) {
        /* Not k * steps / records: the same number, but it may not fit. */
        int64_t stop = k == records ? steps : (int64_t)((__int128)k * steps / records);
        for (; t < stop; t++) {
            double g = period[j];
            j = j + 1 == P ? 0 : j + 1;
            loss += g * x;
            m = beta1 * m + (1 - beta1) * g;
            v = beta2 * v + (1 - beta2) * g * g;
            v_hat = amsgrad && v_hat > v ? v_hat : v;
            x = clip(x - alpha * m / sqrt(v_hat * (double)(t + 1)), -1, 1);
        }
        x_at[k - 1] = x;
        loss_at[k - 1] = loss;
    }
}

/* As a textbook has it: two square roots, two divisions and a remainder per step. */
void textbook(int amsgrad, int64_t steps, int64_t records, const double *period, int64_t P,
              double alpha, double beta1, double beta2, double x, double *x_at, double *loss_at) {
    double m = 0, v = 0, v_hat = 0, loss = 0;
    int64_t k = 0;
    for (int64_t t = 1; t <= steps; t++) {
        double g = period[(t - 1) % P];
        loss += g * x;
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        v_hat = amsgrad && v_hat > v ? v_hat : v;
        x = clip(x - alpha / sqrt((double)t) * m / sqrt(v_hat), -1, 1);
        if (t == (int64_t)((__int128)(k + 1) * steps / records)) {
            x_at[k] = x;
            loss_at[k] = loss;
            k++;
        }
    }
}

/* Many runs of Adam: blocks of lanes over the cores, the lanes of a block over the vector unit.
 * 64 lanes of four doubles stay in the nearest cache; the root of t is taken once for a block. */
enum { BLOCK = 64 };

void sweep(int64_t lanes, int64_t steps, const double *period, int64_t P, double alpha,
           const double *beta1, const double *beta2, double *x_end, double *loss_end) {
#pragma omp parallel for schedule(dynamic)
    for (int64_t first = 0; first < lanes; first += BLOCK) {
        double m[BLOCK] = {0}, v[BLOCK] = {0}, x[BLOCK] = {0}, loss[BLOCK] = {0};
        double b1[BLOCK], b2[BLOCK];
        int64_t count = lanes - first < BLOCK ? lanes - first : BLOCK;
        for (int64_t i = 0; i < BLOCK; i++) {
            b1[i] = beta1[first + (i < count ? i : 0)];
            b2[i] = beta2[first + (i < count ? i : 0)];
        }
        for (int64_t t = 0, j = 0; t < steps; t++) {
            double g = period[j], alpha_t = alpha / sqrt((double)(t + 1));
            j = j + 1 == P ? 0 : j + 1;
            for (int i = 0; i < BLOCK; i++) {
                loss[i] += g * x[i];
                m[i] = b1[i] * m[i] + (1 - b1[i]) * g;
                v[i] = b2[i] * v[i] + (1 - b2[i]) * g * g;
                x[i] = clip(x[i] - alpha_t * m[i] / sqrt(v[i]), -1, 1);
            }
        }
        for (int64_t i = 0; i < count; i++) {
            x_end[first + i] = x[i];
            loss_end[first + i] = loss[i];
        }
    }
}
