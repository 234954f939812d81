/** Why a pickle was not decoded; also the label under which refusals are counted. */
export type PickleRefusal = 'too_large' | 'truncated' | 'unsupported' | 'malformed' | 'too_complex';

export class PickleRefused extends Error {
  constructor(
    readonly reason: PickleRefusal,
    detail: string,
  ) {
    super(`pickle refused (${reason}): ${detail}`);
    this.name = 'PickleRefused';
  }
}
