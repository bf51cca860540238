import desk.everyday  # noqa: F401
import desk.deeper  # noqa: F401
import frame

frame.main()
