/*
 * Episodes of physics steps by native MuJoCo, timed: reads them from the standard input, writes to the standard output.
 *
 *   mujoco-steps MODEL.xml ROUNDS     in: int32 episodes, controls, held; then float64 qpos, qvel and all controls of each
 *                                     out: its version; milliseconds of processor time of each round; final qpos
 */
#include <mujoco/mujoco.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void fail(const char* what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static void take(void* to, size_t size, size_t count) {
  if (fread(to, size, count, stdin) != count) fail("the episodes end too soon");
}

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e3 * now.tv_sec + 1e-6 * now.tv_nsec;
}

int main(int argc, char** argv) {
  char problem[1000] = "";
  int32_t head[3];
  if (argc != 3) fail("usage: mujoco-steps MODEL.xml ROUNDS");
  mjModel* m = mj_loadXML(argv[1], NULL, problem, sizeof problem);
  if (m == NULL) fail(problem);
  mjData* d = mj_makeData(m);
  take(head, sizeof *head, 3);
  const int episodes = head[0], controls = head[1], held = head[2];
  const int width = m->nq + m->nv + controls * m->nu;
  double* work = malloc(sizeof(double) * episodes * width);
  double* reached = malloc(sizeof(double) * episodes * m->nq);
  if (work == NULL || reached == NULL) fail("no memory");
  take(work, sizeof *work, (size_t)episodes * width);

  printf("%s\n", mj_versionString());
  for (int round = 0; round < atoi(argv[2]); round++) {
    const double start = milliseconds();
    for (int e = 0; e < episodes; e++) {
      const double* row = work + e * width;
      mj_resetData(m, d);
      memcpy(d->qpos, row, sizeof(double) * m->nq);
      memcpy(d->qvel, row + m->nq, sizeof(double) * m->nv);
      for (int t = 0; t < controls; t++) {
        memcpy(d->ctrl, row + m->nq + m->nv + t * m->nu, sizeof(double) * m->nu);
        for (int k = 0; k < held; k++) mj_step(m, d);
      }
      memcpy(reached + e * m->nq, d->qpos, sizeof(double) * m->nq);
    }
    printf("%.6f ", milliseconds() - start);
  }
  printf("\n");
  for (int i = 0; i < episodes * m->nq; i++) printf("%.17g ", reached[i]);
  printf("\n");
  return 0;
}
