"""An application behind a login: a session in a cookie with a form, and bearer tokens, which a route may end."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, Form, Header, HTTPException, Response
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from pydantic import BaseModel

app = FastAPI()
bearer = OAuth2PasswordBearer("token")
sessions: set[str] = set()
PASSWORD = "correct horse"


class Note(BaseModel):
    """What is written down."""

    text: str


def by_cookie(session: Annotated[str, Cookie()] = "", x_csrftoken: Annotated[str, Header()] = "") -> str:
    """Let in who has a session, and repeats its other cookie."""
    if session not in sessions or x_csrftoken != "twice":
        raise HTTPException(403)
    return session


def by_token(token: Annotated[str, Depends(bearer)]) -> str:
    """Let in who has a token."""
    if token not in sessions:
        raise HTTPException(401)
    return token


@app.post("/login", status_code=204)
async def login(username: Annotated[str, Form()], password: Annotated[str, Form()], response: Response) -> None:
    """Begin a session."""
    if (username, password) != ("reception", PASSWORD):
        raise HTTPException(401)
    sessions.add(session := secrets.token_hex(8))
    response.set_cookie("session", session, httponly=True)
    response.set_cookie("csrftoken", "twice")


@app.post("/token")
async def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> dict[str, str]:
    """Give a token."""
    if (form.username, form.password) != ("reception", PASSWORD):
        raise HTTPException(401)
    sessions.add(given := secrets.token_hex(8))
    return {"access_token": given, "token_type": "bearer"}


@app.post("/logout")
async def logout(session: Annotated[str, Depends(by_cookie)]) -> None:
    """End a session."""
    sessions.discard(session)


@app.post("/revoke")
async def revoke(given: Annotated[str, Depends(by_token)]) -> None:
    """End a token."""
    sessions.discard(given)


@app.post("/session/notes")
async def note_of_session(note: Note, session: Annotated[str, Depends(by_cookie)]) -> None:
    """Leak, behind the cookie."""
    sys.stderr.write(f"by session: {note.text} noted\n")


@app.post("/token/notes")
async def note_of_token(note: Note, given: Annotated[str, Depends(by_token)]) -> None:
    """Leak, behind the token."""
    sys.stderr.write(f"by token: {note.text} noted\n")
