/**
 * Whether a scheduler examines a notified run: the live schedulers of a lane divide runs by id. The poll of the lane finds
 * everything else, so nothing is lost while the shares change.
 */
export function isMine(dagRunId: number, jobId: number, liveJobIds: readonly number[]): boolean {
  const at = liveJobIds.indexOf(jobId);
  return at < 0 || dagRunId % liveJobIds.length === at;
}
