import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { OutagesEditor, QueryEditor } from '../../../src/datasource/editors/QueryEditor.tsx';
import type { ExporterSource } from '../../../src/datasource/types.ts';

it('an annotation has only the fields of outages, whatever its stored type', () => {
  const datasource = { api: {} } as ExporterSource;
  const props = { datasource, query: { refId: 'Anno', queryType: 'runs' as const }, onChange() {}, onRunQuery() {} };
  const { unmount } = render(<QueryEditor {...props} />);
  expect(screen.getByText('Show')).toBeTruthy();
  unmount();
  render(<OutagesEditor {...props} />);
  expect(['Source', 'Limit', 'Show', 'DAG'].map((label) => screen.queryByText(label) !== null)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
