import { fireEvent, render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { LogText } from '../../../src/pages/run/LogText.tsx';

const log = {
  ...{ task_id: 't', map_index: -1, try_number: 1, truncated: true },
  text: Array.from({ length: 1_700 }, (_, n) => (n === 3 ? 'Error: early' : `line ${n}`)).join('\n'),
};
const shown = (): string[] => screen.getByLabelText('Log').textContent!.split('\n');

it('a long log shows its end, the rest on demand, and is searched as a whole', () => {
  render(<LogText log={log} />);
  expect(shown()).toHaveLength(1_000);
  expect(shown().at(-1)).toBe('line 1699');
  screen.getByText(/its middle is missing/);
  fireEvent.click(screen.getByRole('button', { name: 'Show 700 earlier lines of 700' }));
  expect(shown()).toHaveLength(1_700);
  expect(screen.queryByRole('button', { name: /earlier lines/ })).toBeNull();
  fireEvent.change(screen.getByLabelText('Find in this log'), { target: { value: 'error' } });
  expect(shown()).toEqual(['Error: early']);
  screen.getByText('1 of 1,700');
  fireEvent.change(screen.getByLabelText('Find in this log'), { target: { value: 'nowhere' } });
  screen.getByText('No line of this log has this text');
});
