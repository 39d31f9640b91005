/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Random {
    state;
    constructor(seed) {
        this.state = seed >>> 0;
    }
    /** In [0, 1). */
    next() {
        this.state = (this.state + 0x6d2b79f5) >>> 0;
        let mixed = this.state;
        mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    }
    /** A whole number in [from, to]. */
    whole(from, to) {
        return from + Math.floor(this.next() * (to - from + 1));
    }
    chance(probability) {
        return this.next() < probability;
    }
    pick(of) {
        return of[Math.floor(this.next() * of.length)];
    }
    digits(count) {
        let digits = '';
        for (let i = 0; i < count; i++)
            digits += String(this.whole(0, 9));
        return digits;
    }
    /** Characters of an alphabet. */
    text(count, alphabet) {
        let text = '';
        for (let i = 0; i < count; i++)
            text += alphabet[this.whole(0, alphabet.length - 1)];
        return text;
    }
    /** Fills a pattern: `#` digit, `N` digit 2-9, `@` capital, `?` small letter, `x` hex digit. */
    fill(pattern) {
        return pattern.replace(/[#N@?x]/g, (sign) => {
            if (sign === '#')
                return this.digits(1);
            if (sign === 'N')
                return String(this.whole(2, 9));
            if (sign === '@')
                return this.text(1, 'ABCDEFGHJKLMNPQRSTUVWXYZ');
            return sign === '?' ? this.text(1, 'abcdefghijklmnopqrstuvwxyz') : this.text(1, '0123456789abcdef');
        });
    }
}
//# sourceMappingURL=random.js.map