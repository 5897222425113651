/** Version of this build; the package's own. */
export const version = '0.1.0';
