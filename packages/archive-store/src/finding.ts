/** Something that does not hold, or cannot be accounted for. */
export interface Finding {
  kind:
    | 'manifest-unreadable'
    /** The manifest is not the one that the compliance record names, or is on no record. */
    | 'manifest-not-on-record'
    /** The compliance record tells of a window whose manifest is gone. */
    | 'manifest-missing'
    | 'object-altered'
    | 'object-unencrypted'
    | 'index-differs'
    | 'count-differs'
    /** An object that was replaced by an erasure still stands there, in whole or as a version. */
    | 'erased-object-stands'
    /** No manifest names it: left over by an attempt that was cut short, or put there by somebody else. */
    | 'object-unnamed'
    | 'chain-altered'
    | 'chain-gap'
    | 'chain-cut'
    | 'chain-repeated';
  key: string | null;
  windowId: string | null;
  message: string;
}
