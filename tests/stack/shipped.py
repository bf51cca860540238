"""The stack's own programs under the very files that are shipped, outside their containers.

Only what a container gives is replaced: ports, folders, the resolver, the way a superuser logs in.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from pazpaz_otel import yaml_text
from tests.programs import (
    Postgres,
    Program,
    debian_binary,
    free_port,
    postgres_exporter_binary,
    postgres_folder,
    wait_until,
)
from tests.programs.debian import nginx_stream_module
from tests.programs.missing import unavailable

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CSP = "default-src 'self'; connect-src 'self' https://errors.pazpaz.test"
"""A content security policy of a page with a DSN."""


class ShippedNginx(Program):
    """nginx with `deploy/nginx`, a self-signed certificate by `deploy/self-signed.sh`, and a page of its own.

    Args:
        folder: a folder of its own.
        api: the API's port on 127.0.0.1; nothing need listen there.
        domain: the name in the certificate.
        site: the name that the image was built for.
        collector: where statuses go, `host:port`; nothing need listen there.
    """

    def __init__(
        self, folder: Path, api: int, domain: str = "pazpaz.test", site: str = "", collector: str = "127.0.0.1:9"
    ) -> None:
        self.http, self.https, self.liveness, statuses = (free_port() for _ in range(4))
        self.access_log = folder / "access.log"
        self.certificate = folder / "secrets/tls/fullchain.pem"
        page = folder / "page"
        page.mkdir(parents=True)
        (page / "index.html").write_text("<!doctype html><title>the page</title>")
        (page / "loop.html").symlink_to(page / "loop.html")  # a file that even root can't open
        subprocess.run(
            ["sh", str(DEPLOY / "self-signed.sh"), domain, str(folder / "secrets")],
            check=True, capture_output=True,
        )  # fmt: skip
        config = folder / "conf"
        shutil.copytree(DEPLOY / "nginx", config)
        # As the page's build writes it, with a DSN.
        (config / "csp.conf").write_text(f'add_header Content-Security-Policy "{CSP}" always;\n')
        (config / "pages.conf").write_text('"~^/clients/[^/]+/?$" 1;\n')
        if site:
            (config / "site.conf").write_text(f'"{site}" "{site}";\n"configured" yes;\n')
        main = config / "nginx.conf"
        replacements = {
            "/tmp/": f"{folder}/",
            "listen 127.0.0.1:8081;": f"listen 127.0.0.1:{self.liveness};",
            "listen 80;": f"listen 127.0.0.1:{self.http};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.https} ssl;",
            "http://api:8000": f"http://127.0.0.1:{api}",
            "/etc/nginx/tls": str(folder / "secrets/tls"),
            "/usr/share/nginx/html": str(page),
            "/etc/nginx/pazpaz/proxy.conf": str(config / "proxy.conf"),
            "/etc/nginx/pazpaz/security_headers.conf": str(config / "security_headers.conf"),
            "/etc/nginx/csp.conf": str(config / "csp.conf"),
            "/etc/nginx/pages*.conf": str(config / "pages*.conf"),
            "/etc/nginx/site*.conf": str(config / "site*.conf"),
            "/dev/stdout": str(self.access_log),
            "127.0.0.1:5140": f"127.0.0.1:{statuses}",
            "otel-collector:5514": collector,
        }
        text = main.read_text()
        for shipped in replacements:
            assert shipped in text, f"nginx.conf has no {shipped!r} any more"
        # In one pass: a port that was put in may begin with one that is still to be replaced.
        anything = "|".join(map(re.escape, replacements))
        text = re.sub(anything, lambda found: replacements[found[0]], text)
        nginx = debian_binary("nginx")
        main.write_text(for_this_nginx(nginx, text))
        # Root's workers would become www-data, which may not read the test's folder.
        command = [str(nginx), "-c", str(main), "-p", str(folder), "-g", "daemon off; user root;"]
        super().__init__(command if os.geteuid() == 0 else [*command[:-2], "-g", "daemon off;"], folder, name="nginx")

    def ready(self) -> bool:
        """Whether it accepts connections."""
        from tests.programs.running import get

        return get(f"http://127.0.0.1:{self.liveness}/live")[0] == 200

    def written(self) -> str:
        """All that it has written so far: access log and error log."""
        access = self.access_log.read_text() if self.access_log.exists() else ""
        return access + self.log


class ShippedPostgres(Postgres):
    """PostgreSQL with `deploy/postgres`: its settings, its roles, its rules of who may log in."""

    app_password = "app-password-of-this-test"
    exporter_password = "exporter-password-of-this-test"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.shared = folder
        share = subprocess.run(
            [str(postgres_folder() / "pg_config"), "--sharedir"], capture_output=True, text=True, check=True
        )
        if not (Path(share.stdout.strip()) / "extension/pg_stat_statements.control").exists():
            unavailable("PostgreSQL with pg_stat_statements", "this one lacks it", "apt-get install postgresql")
        super().__init__()
        home = self.command[self.command.index("-D") + 1].removesuffix("/data")
        hba = Path(home) / "pg_hba.conf"
        # The superuser's socket login is by operating system user, which here is another.
        hba.write_text(
            re.sub(r"^(local\s+all\s+postgres\s+)peer$", r"\1trust", (DEPLOY / "postgres/pg_hba.conf").read_text(),
                   flags=re.MULTILINE)
        )  # fmt: skip
        config = Path(home) / "postgresql.conf"
        config.write_text((DEPLOY / "postgres/postgresql.conf").read_text())
        self.socket = Path(home)
        options = self.command[: self.command.index("-c")]
        settings = {"config_file": config, "hba_file": hba, "unix_socket_directories": home,
                    "listen_addresses": "127.0.0.1", "fsync": "off"}  # fmt: skip
        for key, value in settings.items():
            options += ["-c", f"{key}={value}"]
        self.command = options

    def start(self) -> ShippedPostgres:
        """Start it and make its database and roles as the image does on its first start."""
        super().start()
        self.superuser("CREATE DATABASE pazpaz", database="postgres")
        self.run_roles()
        return self

    def run_roles(self) -> None:
        """Run `deploy/postgres/init/10-roles.sql` as the superuser."""
        secrets = self.shared / "secrets"
        secrets.mkdir(exist_ok=True)
        (secrets / "postgres_app_password").write_text(self.app_password)
        (secrets / "postgres_exporter_password").write_text(self.exporter_password + "\n")
        done = self._psql(
            ["-h", str(self.socket), "-U", "postgres", "-d", "pazpaz", "-f",
             str(DEPLOY / "postgres/init/10-roles.sql")],
            SECRETS_DIR=str(secrets),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def superuser(self, sql: str, database: str = "pazpaz", *, fails: bool = False) -> str:
        """What `sql` answers to the superuser, through the socket; `fails`: it has to."""
        done = self._psql(["-h", str(self.socket), "-U", "postgres", "-d", database, "-tA", "-c", sql])
        assert (done.returncode != 0) == fails, done.stderr
        return done.stdout.strip()

    def app(self, sql: str) -> subprocess.CompletedProcess[str]:
        """Run `sql` as the application, over TCP."""
        return self._login("pazpaz", self.app_password, sql)

    def exporter(self, sql: str) -> subprocess.CompletedProcess[str]:
        """Run `sql` as the exporter, over TCP."""
        return self._login("pazpaz_exporter", self.exporter_password, sql)

    def login(self, user: str, password: str) -> subprocess.CompletedProcess[str]:
        """Try to log in over TCP."""
        return self._login(user, password, "SELECT 1")

    def _login(self, user: str, password: str, sql: str) -> subprocess.CompletedProcess[str]:
        return self._psql(["-h", "127.0.0.1", "-U", user, "-d", "pazpaz", "-tA", "-c", sql], PGPASSWORD=password)

    def _psql(self, arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(postgres_folder() / "psql"), "-X", "-q", "-p", str(self.port), *arguments],
            env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip


def postgres_exporter(port: int, passwords: ShippedPostgres) -> tuple[list[str], dict[str, str]]:
    """The exporter with the flags that are shipped, and the environment in which it asks the server at `port`."""
    service = yaml_text.load((DEPLOY / "compose/exporters.yml").read_text())["services"]["postgres-exporter"]
    environment = {
        "DATA_SOURCE_URI": f"127.0.0.1:{port}/pazpaz?sslmode=disable",
        "DATA_SOURCE_USER": "pazpaz_exporter",
        "DATA_SOURCE_PASS_FILE": str(passwords.shared / "secrets/postgres_exporter_password"),
    }
    return [str(postgres_exporter_binary()), *service["command"]], environment


class ShippedRedis(Program):
    """Redis with `deploy/redis`: started by its script, with its users."""

    app_password = "app-password-of-this-test"
    exporter_password = "exporter-password-of-this-test"

    def __init__(self, folder: Path, more_users: str = "") -> None:
        """Args: `more_users`: lines for the file of users, to look at the server as nobody in production can."""
        self.port = free_port()
        secrets, run, conf = folder / "secrets", folder / "run", folder / "conf"
        shutil.copytree(DEPLOY / "redis", conf)
        with (conf / "users.acl.template").open("a") as template:
            template.write(more_users)
        secrets.mkdir(parents=True)
        run.mkdir()
        (secrets / "redis_app_password").write_text(self.app_password)
        (secrets / "redis_exporter_password").write_text(self.exporter_password + "\n")
        server = debian_binary("redis-server")
        environment = {
            "SECRETS_DIR": str(secrets), "RUN_DIR": str(run), "CONF_DIR": str(conf),
            "PATH": f"{server.parent}{os.pathsep}{os.environ['PATH']}",
        }  # fmt: skip
        here = ["--port", str(self.port), "--bind", "127.0.0.1", "--aclfile", str(run / "users.acl")]
        super().__init__(["sh", str(conf / "start.sh"), *here], folder, environment, name="redis")

    def ready(self) -> bool:
        """Whether it answers."""
        return self.call("health", "anything", "ping") == "PONG"

    def app(self, *command: str) -> str:
        """What Redis answers the application."""
        return self.call("app", self.app_password, *command)

    def exporter(self, *command: str) -> str:
        """What Redis answers the exporter."""
        return self.call("exporter", self.exporter_password, *command)

    def call(self, user: str, password: str, *command: str) -> str:
        """What Redis answers `user`; for commands that never end, the first line within two seconds."""
        cli = [str(debian_binary("redis-cli")), "-p", str(self.port), "--no-auth-warning", "--user", user]
        try:
            done = subprocess.run(
                [*cli, "--pass", password, *command], capture_output=True, text=True, check=False, timeout=2
            )
        except subprocess.TimeoutExpired as hung:
            return (hung.stdout or b"").decode()
        return done.stdout.strip()


def scrape(url: str, wanted: str) -> str:
    """The metrics page at `url` once it contains `wanted`."""
    from tests.programs.running import get

    def page() -> str | None:
        body = get(url)[1]
        return body if wanted in body else None

    return wait_until(page, f"{wanted} at {url}")


def for_this_nginx(nginx: Path, text: str) -> str:
    """Return the shipped configuration as an older nginx takes it, or one whose streams are a module of their own."""
    said = subprocess.run([str(nginx), "-V"], capture_output=True, text=True, check=True).stderr
    version = tuple(int(part) for part in re.findall(r"nginx/([0-9.]+)", said)[0].split("."))
    if version < (1, 25, 1):
        text = text.replace("http2 on;", "")
    if "--with-stream=dynamic" in said:
        module = nginx_stream_module()
        text = f"load_module {module};\n{text}" if module else text.partition("\nstream {")[0]
    return text
