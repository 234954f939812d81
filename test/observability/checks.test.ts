import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertDocs } from '../../observability/checks/alertDocs.ts';
import { packDrift } from '../../observability/checks/packDrift.ts';
import { runbooks } from '../../observability/checks/runbooks.ts';
import { settingsDocs } from '../../observability/checks/settingsDocs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the committed tree', () => {
  it.each([packDrift, runbooks, alertDocs, settingsDocs])('$name', async ({ run }) => {
    expect(await run(ROOT)).toEqual([]);
  });
});

describe('a tree that drifts', () => {
  let tree: string;
  beforeAll(async () => {
    tree = await mkdtemp(path.join(tmpdir(), 'runbeat-drift-'));
    for (const part of ['provisioning', 'docs', '.env.example']) {
      await cp(path.join(ROOT, part), path.join(tree, part), { recursive: true });
    }
  });
  afterAll(() => rm(tree, { recursive: true, force: true }));

  const edit = async (file: string, change: (text: string) => string): Promise<void> => {
    const place = path.join(tree, file);
    await writeFile(place, change(await readFile(place, 'utf8')));
  };

  it('is reported by file: edited by hand, missing, and of unknown origin', async () => {
    await edit('provisioning/prometheus/rules/liveness.yml', (text) => text.replace('for: 30s', 'for: 5m'));
    await rm(path.join(tree, 'provisioning/grafana/dashboards/runbeat-flows.json'));
    await writeFile(path.join(tree, 'provisioning/prometheus/rules/mine.yml'), 'groups: []');
    expect(await packDrift.run(tree)).toEqual([
      expect.stringMatching(/rules\/liveness.yml differs/),
      expect.stringMatching(/runbeat-flows.json is missing; run `npm run generate`/),
      expect.stringMatching(/mine.yml comes from no definition/),
    ]);
  });

  it('reports a runbook that lacks a question, and one without an alert', async () => {
    await edit('docs/runbooks/RunbeatExporterDown.md', (text) => text.replace('## What to do\n', ''));
    await writeFile(path.join(tree, 'docs/runbooks/RunbeatGone.md'), '');
    expect(await runbooks.run(tree)).toEqual([
      expect.stringMatching(/RunbeatGone.md belongs to no alert/),
      expect.stringMatching(/RunbeatExporterDown.md lacks "## What to do"/),
    ]);
  });

  it('reports a document whose table differs', async () => {
    await edit('docs/alerts.md', (text) => text.replace('| critical |', '| warning |'));
    expect(await alertDocs.run(tree)).toEqual([expect.stringMatching(/docs\/alerts.md differs/)]);
  });
});
