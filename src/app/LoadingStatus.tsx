import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import { useIsFetching, type Query } from '@tanstack/react-query';
import { useState } from 'react';

/** Says to those who can't see the page that it loads, and that it has loaded; a refresh of what is shown says nothing. */
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
