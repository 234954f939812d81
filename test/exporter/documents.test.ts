import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { apiDocument, metricsDocument } from './documents.ts';

const pretty = async (text: string): Promise<string> =>
  format(text, { ...(await resolveConfig('docs/api.md')), parser: 'markdown' });

it('docs/metrics.md lists the registered metrics', async () => {
  await expect(await pretty(metricsDocument())).toMatchFileSnapshot('../../docs/metrics.md');
});

it('docs/api.md describes the actual responses', async () => {
  await expect(await pretty(apiDocument())).toMatchFileSnapshot('../../docs/api.md');
});
