/** Where the repository can be seen on the web; undefined until it is published. The one place that says so. */
export const repository: string | undefined = undefined;
