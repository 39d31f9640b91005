/**
 * Sentences of the generator. `a:` agent, `c:` customer, `|` between phrases; `{v}` the value, `{w}` its second part,
 * `{y}` a second value, `{name}`, `{ref}` and `{date}` harmless company. One in three is held out from tuning
 * (`isHeldOut`): it is measured, its failures are not looked at.
 */
export declare const PHONE_TEMPLATES: readonly string[];
export declare const NATIVE_PHONE_TEMPLATES: Readonly<Record<string, readonly string[]>>;
export declare const MAIL_TEMPLATES: readonly string[];
export declare const SPOKEN_MAIL_TEMPLATES: readonly string[];
export declare const SSN_TEMPLATES: readonly string[];
/** Where the shape alone must tell. */
export declare const SSN_SHAPE_TEMPLATES: readonly string[];
export declare const CARD_TEMPLATES: readonly string[];
export declare const IBAN_TEMPLATES: readonly string[];
export declare const MIXED_TEMPLATES: readonly string[];
/** Interjections between the parts of a split value. */
export declare const INTERJECTIONS: readonly string[];
export declare const NEGATIVE_TEMPLATES: ReadonlyArray<readonly [sub: string, pattern: string]>;
/** Every third sentence of a list is never tuned against. */
export declare function isHeldOut(index: number): boolean;
//# sourceMappingURL=templates.d.ts.map