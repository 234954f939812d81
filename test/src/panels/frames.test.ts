import { describe, expect, it } from 'vitest';
import { runGraphFrames } from '../../../src/datasource/frames/runGraph.ts';
import { runTasksFrame } from '../../../src/datasource/frames/runTasks.ts';
import { ganttFromFrames, ganttFromRun } from '../../../src/panels/gantt/toModel.ts';
import { graphFromRun } from '../../../src/data/graphFromRun.ts';
import { graphFromFrames } from '../../../src/panels/graph/toModel.ts';
import { runOf } from './plannedRun.ts';
import { failedOnboarding, ONBOARDING } from './plans.ts';

describe.each([
  ['a successful run', runOf(ONBOARDING)],
  ['a failed run', failedOnboarding()],
  ['an active run', runOf(ONBOARDING, 9)],
  ['a run of a single task', runOf([{ id: 'only' }])],
])('%s', (_, detail) => {
  it("looks the same in a dashboard's Gantt as on the run page", () => {
    expect(ganttFromFrames([runTasksFrame(detail)])).toEqual(ganttFromRun(detail));
  });

  it("has the same nodes, latencies and critical path in a dashboard's graph as on the run page", () => {
    const [panel, page] = [graphFromFrames(runGraphFrames(detail)), graphFromRun(detail)];
    expect(panel.run).toEqual(page.run);
    expect(panel.nodes).toEqual(page.nodes);
    expect(panel.edges).toEqual(page.edges);
  });
});
