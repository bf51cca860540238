import till.first  # noqa: F401
import till.second  # noqa: F401
import frame

frame.main()
