// Prints the site's name for nginx, which redirects to no other: `node scripts/site.mjs pazpaz.app`.
const [, , domain = ""] = process.argv;
if (domain !== "" && !/^[A-Za-z0-9.-]{1,253}$/.test(domain)) throw new Error("the site's name must be a host name");
if (domain !== "") process.stdout.write(`"${domain}" "${domain}";\n"configured" yes;\n`);
