/** Numbers that look random and are the same for the same seed (mulberry32). */
export declare class Random {
    private state;
    constructor(seed: number);
    /** In [0, 1). */
    next(): number;
    /** A whole number in [from, to]. */
    whole(from: number, to: number): number;
    chance(probability: number): boolean;
    pick<T>(of: readonly T[]): T;
    digits(count: number): string;
    /** Characters of an alphabet. */
    text(count: number, alphabet: string): string;
    /** Fills a pattern: `#` digit, `N` digit 2-9, `@` capital, `?` small letter, `x` hex digit. */
    fill(pattern: string): string;
}
//# sourceMappingURL=random.d.ts.map