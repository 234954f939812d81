import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import { useIsFetching, type Query } from '@tanstack/react-query';
import { useState } from 'react';

/** Announces to screen readers that the page is loading and has loaded. Refreshes of shown data are not announced. */
export function LoadingStatus() {
  const styles = useStyles2(getStyles);
  const loads = useIsFetching({ predicate: isFirst }) > 0;
  const [hasLoaded, setLoaded] = useState(false);
  if (loads && !hasLoaded) setLoaded(true);
  const said = loads ? 'Loading…' : 'Loaded';
  return (
    <div role="status" className={styles.unseen}>
      {loads || hasLoaded ? said : ''}
    </div>
  );
}

function isFirst({ state }: Query): boolean {
  return state.data === undefined;
}

const getStyles = () => ({
  unseen: css({ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }),
});
