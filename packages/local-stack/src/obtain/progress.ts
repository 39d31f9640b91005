/**
 * Told about work that takes long.
 * @param step what is being done, in a few words
 * @param fraction 0 to 1, or `null` where nobody can tell
 */
export type Progress = (step: string, fraction: number | null) => void;
