import { css } from '@emotion/css';
import { Text } from '@grafana/ui';
import type { ReactNode } from 'react';

const wrapped = css({ overflowWrap: 'anywhere', minWidth: 0 });

/** Text that may contain ids: one of 250 characters without a space is wrapped, instead of making the page wider than the window. */
export function LongWords({ children }: { children: ReactNode }) {
  return <div className={wrapped}>{children}</div>;
}

/** For `renderTitle` of a page whose title contains an id. */
export function longTitle(title: string): ReactNode {
  return (
    <LongWords>
      <Text element="h1">{title}</Text>
    </LongWords>
  );
}
