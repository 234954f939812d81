import { describe, expect, it } from 'vitest';
import { runGraphFrames } from '../../../src/datasource/frames/runGraph.ts';
import { runTasksFrame } from '../../../src/datasource/frames/runTasks.ts';
import { ganttFromFrames, ganttFromRun } from '../../../src/panels/gantt/toModel.ts';
import { graphFromFrames, graphFromRun } from '../../../src/panels/graph/toModel.ts';
import { failedOnboarding, ONBOARDING, runOf } from './fixtures.ts';

describe.each([
  ['a run that went well', runOf(ONBOARDING)],
  ['one that failed', failedOnboarding()],
  ['one that goes on', runOf(ONBOARDING, 9)],
  ['one of a single task', runOf([{ id: 'only' }])],
])('%s', (_, detail) => {
  it("looks the same in a dashboard's Gantt as on the run page", () => {
    expect(ganttFromFrames([runTasksFrame(detail)])).toEqual(ganttFromRun(detail));
  });

  it("has the same nodes and latencies in a dashboard's graph as on the run page", () => {
    const [panel, page] = [graphFromFrames(runGraphFrames(detail)), graphFromRun(detail)];
    expect(panel.run).toEqual(page.run);
    expect(panel.nodes).toEqual(page.nodes);
    expect(panel.edges.map((edge) => [edge.source, edge.target, edge.seconds])).toEqual(
      page.edges.map((edge) => [edge.source, edge.target, edge.seconds]),
    );
  });
});
