/** The version of this package; a constant, so that it survives bundling. */
export const VERSION: string = "0.1.0";
