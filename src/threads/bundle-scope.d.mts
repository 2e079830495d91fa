/** The types of `bundle-scope.mjs`. */
export declare const NATIVE_LIBRARIES: readonly string[];
export declare const OPTIONAL_LIBRARY: string;
export declare const COMMONJS_SCOPE: string;
