/**
 * Which of the notified runs a scheduler examines: the live schedulers of a lane share them by id. Everything
 * else is left to the lane's poll, so nothing is lost while the shares change.
 */
export function isMine(dagRunId: number, jobId: number, liveJobIds: readonly number[]): boolean {
  const at = liveJobIds.indexOf(jobId);
  return at < 0 || dagRunId % liveJobIds.length === at;
}
