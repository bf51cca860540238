"""Remove the arguments from Redis commands."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# https://redis.io/docs/latest/commands/: first words of commands, and second words of container commands.
COMMANDS: Final = frozenset(
    """
    ACL APPEND AUTH BGSAVE BITCOUNT BITFIELD BITOP BITPOS BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX
    BZPOPMIN CLIENT CLUSTER COMMAND CONFIG COPY DBSIZE DECR DECRBY DEL DISCARD DUMP ECHO EVAL EVALSHA EXEC EXISTS
    EXPIRE EXPIREAT EXPIRETIME FCALL FLUSHALL FLUSHDB FUNCTION GEOADD GEODIST GEOHASH GEOPOS GEOSEARCH GET GETBIT
    GETDEL GETEX GETRANGE GETSET HDEL HELLO HEXISTS HGET HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET HSCAN
    HSET HSETNX HSTRLEN HVALS INCR INCRBY INCRBYFLOAT INFO KEYS LASTSAVE LINDEX LINSERT LLEN LMOVE LMPOP LPOP LPOS
    LPUSH LPUSHX LRANGE LREM LSET LTRIM MGET MIGRATE MOVE MSET MSETNX MULTI OBJECT PERSIST PEXPIRE PEXPIREAT PFADD
    PFCOUNT PFMERGE PING PSETEX PSUBSCRIBE PTTL PUBLISH PUBSUB PUNSUBSCRIBE QUIT RANDOMKEY READONLY RENAME RENAMENX
    RESET RESTORE ROLE RPOP RPOPLPUSH RPUSH RPUSHX SADD SAVE SCAN SCARD SCRIPT SDIFF SDIFFSTORE SELECT SET SETBIT
    SETEX SETNX SETRANGE SINTER SINTERCARD SINTERSTORE SISMEMBER SLOWLOG SMEMBERS SMISMEMBER SMOVE SORT SPOP
    SPUBLISH SRANDMEMBER SREM SSCAN SSUBSCRIBE STRLEN SUBSCRIBE SUNION SUNIONSTORE SUNSUBSCRIBE SWAPDB TIME TOUCH
    TTL TYPE UNLINK UNSUBSCRIBE UNWATCH WAIT WATCH XACK XADD XAUTOCLAIM XCLAIM XDEL XGROUP XINFO XLEN XPENDING
    XRANGE XREAD XREADGROUP XREVRANGE XTRIM ZADD ZCARD ZCOUNT ZDIFF ZINCRBY ZINTER ZLEXCOUNT ZMSCORE ZPOPMAX
    ZPOPMIN ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANGESTORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK
    ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION ZUNIONSTORE PIPELINE
    """.split()
)
SEARCHES: Final = frozenset({"redis.search", "redis.create_index"})
"""Names that contrib gives the spans of RediSearch's commands."""
_WORD: Final = re.compile(r"[A-Z]+")
_MAX_LENGTH: Final = 65536


@lru_cache(maxsize=1024)
def sanitise(statement: str) -> str | None:
    """Return a statement's commands with `?` for each argument, or `None` if a line isn't a known command.

    Args:
        statement: the commands sent, one a line, as in `db.query.text`.
    """
    if len(statement) > _MAX_LENGTH:
        return None
    lines = []
    for line in statement.split("\n"):
        command, *arguments = line.split(" ")
        if command.upper() not in COMMANDS:
            return None
        lines.append(" ".join([command.upper(), *("?" for _ in arguments)]))
    return "\n".join(lines)


@lru_cache(maxsize=1024)
def is_name(text: str) -> bool:
    """Return whether a text is one or more commands, or contrib's word for one, as in the name of a span."""
    if text in SEARCHES:
        return True
    words = text.split(" ")
    return len(words) <= 64 and all(_WORD.fullmatch(word) and word in COMMANDS for word in words)  # noqa: PLR2004
