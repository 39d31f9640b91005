/** Classes from which nothing can be read without a restore of hours. */
const frozen = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** The storage class of a window's index: that of its objects, but never one in which it could not be looked into. */
export function indexClassOf(storageClass: string): string {
  return frozen.has(storageClass) ? 'STANDARD_IA' : storageClass;
}
