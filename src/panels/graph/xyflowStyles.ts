import { injectGlobal } from '@emotion/css';
import xyflowCss from '@xyflow/react/dist/base.css?inline';

let injected = false;

/** Adds React Flow's own style sheet, once per page. It goes through emotion, which knows the page's CSP nonce. */
export function injectFlowStyles(): void {
  if (injected) return;
  injected = true;
  injectGlobal(xyflowCss);
}
