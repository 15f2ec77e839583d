const settings = JSON.parse("{}") as { readonly server?: { readonly port: number } };

export const port = settings.server!.port;
